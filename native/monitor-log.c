/* What the consoles say, on disk: console<n>.log and, once that would exceed half the limit, console<n>.log.1. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor.h"
#include "text.h"

/* The longest escape sequence that is not cut at the end of a tail. */
#define SEQUENCE_MAX 64
#define RESET "\033[0m"

static void log_name(struct text *name, int index, const char *suffix)
{
	name->length = 0;
	text_add(name, "console");
	text_add_number(name, (uint64_t)index);
	text_add(name, ".log");
	text_add(name, suffix);
}

/* -1 unless it is a regular file: O_NOFOLLOW stops links, O_NONBLOCK a FIFO. */
static int open_log(const char *name, int flags, uint64_t *size)
{
	int fd = openat(monitor.log_dir, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -1;
	}
	*size = (uint64_t)st.st_size;
	return fd;
}

void log_open(int index)
{
	struct console *c = &monitor.consoles[index];
	struct text name = { 0 };

	c->log = -1;
	if (monitor.log_dir < 0 || !monitor.log_half)
		return;
	log_name(&name, index, "");
	c->log = open_log(name.bytes, O_RDWR | O_APPEND | O_CREAT, &c->log_size);
}

/* False when the log stays as it is: then what comes next is lost rather than the limit. */
static bool rotate(int index)
{
	struct console *c = &monitor.consoles[index];
	struct text name = { 0 }, old = { 0 };

	log_name(&name, index, "");
	log_name(&old, index, ".1");
	/* First away with the older one: a rename over a file makes ext4 write the data of the other out, which takes 5 ms. */
	unlinkat(monitor.log_dir, old.bytes, 0);
	/* ENOENT: somebody has removed the log; a new one is made. */
	if (renameat(monitor.log_dir, name.bytes, monitor.log_dir, old.bytes) < 0 && errno != ENOENT)
		return false;
	close(c->log);
	log_open(index);
	return c->log >= 0;
}

/* How much of the bytes goes into what room is left: up to a line's end where there is one. 0: rotate first. */
static size_t part_that_fits(const struct console *c, const uint8_t *bytes, size_t size)
{
	uint64_t room = c->log_size < monitor.log_half ? monitor.log_half - c->log_size : 0;
	const uint8_t *newline;

	if (size <= room)
		return size;
	newline = memrchr(bytes, '\n', (size_t)room);
	if (newline)
		return (size_t)(newline - bytes) + 1;
	/* A line longer than a whole log is cut. */
	return c->log_size ? 0 : (size_t)room;
}

static bool append(struct console *c, const void *bytes, size_t size)
{
	ssize_t n = write(c->log, bytes, size);

	if (n > 0)
		c->log_size += (uint64_t)n;
	if (n == (ssize_t)size)
		return true;
	c->log_lost += size - (n > 0 ? (size_t)n : 0);
	return false;
}

/* The disk was full for a while: whoever reads the log is told how much is not in it. */
static bool append_gap(int index)
{
	struct console *c = &monitor.consoles[index];
	uint64_t lost = c->log_lost;
	struct text note = { 0 };

	text_add(&note, "\r\n[ctr: ");
	text_add_number(&note, lost);
	text_add(&note, " bytes could not be logged]\r\n");
	if (c->log_size && c->log_size + note.length > monitor.log_half && !rotate(index))
		return false;
	c->log_lost = 0;
	if (append(c, note.bytes, note.length))
		return true;
	c->log_lost = lost;
	return false;
}

void log_append(int index, const uint8_t *bytes, size_t size)
{
	struct console *c = &monitor.consoles[index];

	if (c->log < 0)
		log_open(index);
	if (c->log < 0 || (c->log_lost && !append_gap(index))) {
		c->log_lost += size;
		return;
	}
	while (size) {
		size_t part = part_that_fits(c, bytes, size);

		if (part == 0 ? !rotate(index) : !append(c, bytes, part)) {
			c->log_lost += part == 0 ? size : size - part;
			return;
		}
		bytes += part;
		size -= part;
	}
}

/* Where to begin in text that starts at any byte: behind the first line's end; without one, at an escape sequence or at least
 * at a character (UTF-8: not at 10xxxxxx). */
static size_t clean_start(const uint8_t *bytes, size_t size)
{
	const uint8_t *found = memchr(bytes, '\n', size);
	size_t at = 0;

	if (found)
		return (size_t)(found - bytes) + 1;
	found = memchr(bytes, '\033', size);
	if (found)
		return (size_t)(found - bytes);
	while (at < size && (bytes[at] & 0xc0) == 0x80)
		at++;
	return at;
}

static bool is_complete(const uint8_t *sequence, size_t size)
{
	uint8_t last = sequence[size - 1];

	if (size < 2)
		return false;
	if (sequence[1] == '[') /* CSI: ends with a byte of 0x40 to 0x7e */
		return size > 2 && last >= 0x40 && last <= 0x7e;
	if (strchr("]PX^_", sequence[1])) /* OSC and other strings: end with BEL or ESC \ */
		return memchr(sequence, '\a', size) || (size > 3 && memmem(sequence + 2, size - 2, "\033\\", 2));
	return last >= 0x30; /* ESC, intermediate bytes, one final byte */
}

/* Where an escape sequence or a character begins whose end has not been written yet; size when there is none. */
static size_t open_end(const uint8_t *bytes, size_t size)
{
	size_t from = size > SEQUENCE_MAX ? size - SEQUENCE_MAX : 0;
	const uint8_t *escape = memrchr(bytes + from, '\033', size - from);
	size_t lead = size;

	if (escape) {
		/* Anything after a complete sequence is plain text; is_complete looks at the last byte alone, so look at each. */
		size_t at = (size_t)(escape - bytes), end = at + 1;

		while (end <= size && !is_complete(escape, end - at))
			end++;
		if (end > size)
			return at;
	}
	while (lead && size - lead < 3 && (bytes[lead - 1] & 0xc0) == 0x80)
		lead--;
	if (lead && bytes[lead - 1] >= 0xc0) {
		size_t length = bytes[lead - 1] >= 0xf0 ? 4 : bytes[lead - 1] >= 0xe0 ? 3 : 2;

		if (size - lead + 1 < length)
			return lead - 1;
	}
	return size;
}

struct tail {
	bool (*sink)(const void *, size_t, void *);
	void *context;
	bool cut; /* the first piece starts in mid-text */
};

/* One log from `at` to its end; `last`: the reset goes in front of what is still open there. */
static bool send_log(struct tail *tail, int fd, uint64_t at, bool last)
{
	ssize_t n;

	while ((n = pread(fd, chunk, sizeof chunk, (off_t)at)) > 0) {
		size_t size = (size_t)n, from = tail->cut ? clean_start(chunk, size) : 0, end;
		uint8_t next;
		bool final;

		at += size;
		tail->cut = false;
		final = last && pread(fd, &next, 1, (off_t)at) <= 0;
		end = final ? open_end(chunk, size) : size;
		if (end < from)
			end = from;
		if (end > from && !tail->sink(chunk + from, end - from, tail->context))
			return false;
		if (final && !tail->sink(RESET, sizeof RESET - 1, tail->context))
			return false;
		if (size > end && !tail->sink(chunk + end, size - end, tail->context))
			return false;
	}
	return true;
}

void log_tail(int index, uint64_t most, bool (*sink)(const void *, size_t, void *), void *context)
{
	const struct console *c = &monitor.consoles[index];
	struct tail tail = { sink, context, false };
	struct text name = { 0 };
	uint64_t size;

	if (c->log < 0)
		return;
	if (c->log_size < most) {
		uint64_t want = most - c->log_size;
		int old;

		log_name(&name, index, ".1");
		old = open_log(name.bytes, O_RDONLY, &size);
		if (old >= 0) {
			tail.cut = size > want;
			send_log(&tail, old, size > want ? size - want : 0, c->log_size == 0);
			close(old);
		}
	} else {
		tail.cut = c->log_size > most;
	}
	send_log(&tail, c->log, c->log_size > most ? c->log_size - most : 0, true);
}
