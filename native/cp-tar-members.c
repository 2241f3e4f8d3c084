#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cp-tar-in.h"
#include "cp-tar.h"
#include "error.h"

#define PAX_MAX (1u << 20)
/* Whether the map of a sparse file goes on. */
#define MORE_IN_HEADER 482
#define MORE_IN_BLOCK 504
#define SIZE_MOST (UINT64_C(1) << 62)

static char records[PAX_MAX + TAR_BLOCK];
static size_t records_size;
static bool has_path, has_link; /* by a record, or GNU's members of long names */

/* Octal with blanks around it, or GNU's: a high bit, and the number with the highest byte first. */
static int64_t number_of(const char *field, size_t size)
{
	const unsigned char *bytes = (const unsigned char *)field;
	uint64_t value = bytes[0] & 0x40 ? UINT64_MAX : 0;
	size_t i = 0;

	if (bytes[0] & 0x80) {
		value = value << 6 | (bytes[0] & 0x3f);
		for (i = 1; i < size; i++)
			value = value << 8 | bytes[i];
		return (int64_t)value;
	}
	while (i < size && field[i] == ' ')
		i++;
	for (value = 0; i < size && field[i] >= '0' && field[i] <= '7'; i++)
		value = value << 3 | (uint64_t)(field[i] - '0');
	return (int64_t)value;
}

static bool is_zero(const struct tar_header *h)
{
	const char *bytes = (const char *)h;

	return !bytes[0] && memcmp(bytes, bytes + 1, TAR_BLOCK - 1) == 0;
}

static bool is_compressed(const struct tar_header *h)
{
	return memcmp(h, "\x1f\x8b", 2) == 0 || memcmp(h, "BZh", 3) == 0 || memcmp(h, "\xfd" "7zXZ", 5) == 0 ||
	       memcmp(h, "\x28\xb5\x2f\xfd", 4) == 0;
}

static int refuse_archive(const char *why)
{
	warn("cannot read the archive: %s", why);
	return -1;
}

static void take_text(char *to, const char *text, size_t size, struct tar_member *m)
{
	if (size >= CP_PATH || memchr(text, 0, size))
		m->refused = "its path is too long";
	snprintf(to, CP_PATH, "%.*s", (int)(size < CP_PATH ? size : CP_PATH - 1), text);
}

/* Seconds, with a fraction that makes them later, or earlier before 1970. */
static void take_time(struct tar_member *m, const char *text)
{
	char *end;
	long long seconds = strtoll(text, &end, 10);
	uint32_t fraction = 0, digit = 100000000;

	if (*end == '.')
		for (end++; *end >= '0' && *end <= '9'; end++, digit /= 10)
			fraction += (uint32_t)(*end - '0') * digit;
	if (*text == '-' && fraction) {
		seconds--;
		fraction = 1000000000 - fraction;
	}
	m->entry.mtime = seconds;
	m->entry.mtime_ns = fraction;
}

/* The next "LENGTH KEY=VALUE\n"; NULL at the end, or where it is none. */
static char *next_record(size_t *at, char **value, size_t *size)
{
	char *record = records + *at, *end, *key;
	unsigned long length;

	if (*at >= records_size)
		return NULL;
	length = strtoul(record, &end, 10);
	if (end == record || *end != ' ' || length > records_size - *at)
		return NULL;
	key = end + 1;
	end = record + length - 1;
	if (key >= end || !(*value = memchr(key, '=', (size_t)(end - key))))
		return NULL;
	*size = (size_t)(end - ++*value);
	*at += length;
	return key;
}

static bool is_key(const char *key, const char *value, const char *name)
{
	return (size_t)(value - 1 - key) == strlen(name) && strncmp(key, name, strlen(name)) == 0;
}

static void take_records(struct tar_member *m)
{
	char *key, *value;
	size_t at = 0, size;

	while ((key = next_record(&at, &value, &size))) {
		char number[64];

		snprintf(number, sizeof number, "%.*s", (int)(size < 63 ? size : 63), value);
		if (is_key(key, value, "path")) {
			take_text(m->path, value, size, m);
			has_path = true;
		} else if (is_key(key, value, "linkpath")) {
			take_text(m->link, value, size, m);
			has_link = true;
		} else if (is_key(key, value, "size")) {
			m->size = strtoull(number, NULL, 10);
		} else if (is_key(key, value, "uid")) {
			m->entry.uid = (uint32_t)strtoul(number, NULL, 10);
		} else if (is_key(key, value, "gid")) {
			m->entry.gid = (uint32_t)strtoul(number, NULL, 10);
		} else if (is_key(key, value, "mtime")) {
			take_time(m, number);
		} else if (strncmp(key, "GNU.sparse.", 11) == 0) {
			m->refused = "it is sparse, which needs an archive made without --sparse";
		}
	}
}

int tar_send_xattrs(struct cp_side *s)
{
	char *key, *value, name[CP_NAME];
	size_t at = 0, size, prefix = strlen(TAR_XATTR);

	while (s->keep && (key = next_record(&at, &value, &size))) {
		size_t length = (size_t)(value - 1 - key) - prefix;
		struct cp_entry e = { .kind = CP_XATTR, .name = (uint16_t)length, .more = (uint32_t)size };

		if (strncmp(key, TAR_XATTR, prefix) != 0 || length >= sizeof name || size > CP_DATA)
			continue;
		memcpy(name, key + prefix, length);
		if (cp_send(s->pipe, &e, name, value) < 0)
			return -1;
	}
	return 0;
}

static void take_header(struct tar_member *m, const struct tar_header *h)
{
	bool is_ustar = memcmp(h->magic, "ustar\0", 6) == 0;

	m->type = h->type;
	if (h->type == 'S')
		m->refused = "it is sparse, which needs an archive made without --sparse";
	m->size = (uint64_t)number_of(h->size, sizeof h->size);
	m->entry = (struct cp_entry){
		.mode = (uint32_t)number_of(h->mode, sizeof h->mode) & 07777,
		.uid = (uint32_t)number_of(h->uid, sizeof h->uid),
		.gid = (uint32_t)number_of(h->gid, sizeof h->gid),
		.mtime = number_of(h->mtime, sizeof h->mtime),
	};
	if (!has_path)
		snprintf(m->path, sizeof m->path, "%.*s%s%.100s", is_ustar ? 155 : 0, h->prefix, is_ustar && h->prefix[0] ? "/" : "", h->name);
	if (!has_link)
		snprintf(m->link, sizeof m->link, "%.100s", h->link);
	/* They have no data, whatever their size says. */
	if (h->type >= '1' && h->type <= '6')
		m->size = 0;
}

/* What is said about the member that follows: into `to`, of PAX_MAX bytes at most. */
static int read_extension(char *to, size_t *size, uint64_t given, int (*read_whole)(void *, size_t))
{
	if (given > PAX_MAX)
		return refuse_archive("it has a header that is too large");
	*size = (size_t)given;
	if (given && read_whole(to, (given + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK) <= 0)
		return refuse_archive("it ends in the middle");
	to[given] = 0;
	return 0;
}

static int read_long_name(struct tar_member *m, uint64_t size, bool is_link, int (*read_whole)(void *, size_t))
{
	static char text[PAX_MAX + TAR_BLOCK];
	size_t length;

	if (read_extension(text, &length, size, read_whole) < 0)
		return -1;
	take_text(is_link ? m->link : m->path, text, strlen(text), m);
	*(is_link ? &has_link : &has_path) = true;
	return 0;
}

/* The map of a sparse file may go on in blocks of its own (GNU's oldest way). */
static int skip_sparse_map(const struct tar_header *h, int (*read_whole)(void *, size_t))
{
	char block[TAR_BLOCK];
	int got = 1;

	block[MORE_IN_BLOCK] = ((const char *)h)[MORE_IN_HEADER];
	while (got > 0 && block[MORE_IN_BLOCK])
		got = read_whole(block, sizeof block);
	return got > 0 ? 1 : refuse_archive("it ends in the middle");
}

int tar_next(struct tar_member *m, int (*read_whole)(void *to, size_t size))
{
	static bool is_archive;
	static char global[PAX_MAX + TAR_BLOCK];
	struct tar_header h;
	size_t ignored;
	int got;

	has_path = has_link = false;
	records_size = 0;
	m->refused = NULL;
	while ((got = read_whole(&h, sizeof h)) > 0) {
		uint64_t size = (uint64_t)number_of(h.size, sizeof h.size);

		if (is_zero(&h))
			return 0;
		if (tar_checksum(&h) != (unsigned)number_of(h.checksum, sizeof h.checksum))
			return refuse_archive(is_archive	 ? "it is damaged"
					      : is_compressed(&h) ? "it is compressed: 'zcat', 'xzcat' or 'zstdcat' makes a tar archive of it"
								  : "what comes from stdin is no tar archive");
		is_archive = true;
		if (h.type == 'x')
			got = read_extension(records, &records_size, size, read_whole);
		else if (h.type == 'g')
			got = read_extension(global, &ignored, size, read_whole);
		else if (h.type == 'L' || h.type == 'K')
			got = read_long_name(m, size, h.type == 'K', read_whole);
		else
			break;
		if (got < 0)
			return -1;
	}
	if (got < 0)
		return refuse_archive(errno == EPROTO ? "it ends in the middle" : errno_name(errno));
	if (got == 0)
		return is_archive ? refuse_archive("it ends in the middle") : refuse_archive("stdin is empty");
	take_header(m, &h);
	take_records(m);
	if (m->size > SIZE_MOST)
		return refuse_archive("it is damaged");
	return h.type == 'S' ? skip_sparse_map(&h, read_whole) : 1;
}
