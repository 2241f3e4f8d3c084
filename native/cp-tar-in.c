/* `cp - NAME:DST`: a tar archive at stdin, sent as if it were a tree. What it says is not believed: names are taken apart here, and
 * checked again by who writes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cp.h"
#include "cp-tar.h"
#include "cp-tar-in.h"
#include "error.h"

struct level {
	char name[CP_NAME];
	struct cp_entry entry;
};

static struct level levels[CP_DEPTH];
static int depth; /* directories that are begun, the place itself not counted */
static char data[CP_DATA];

/* 1; 0 at the end of stdin; -1 with errno. Nothing of a part: EPROTO. */
static int read_stdin(void *to, size_t size)
{
	for (size_t at = 0; at < size;) {
		ssize_t n = read(STDIN_FILENO, (char *)to + at, size - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n ? errno : EPROTO;
			return n == 0 && at == 0 ? 0 : -1;
		}
		at += (size_t)n;
	}
	return 1;
}

static int cut_off(void)
{
	if (errno == EPROTO)
		warn("cannot read the archive: it ends in the middle");
	else
		warn_errno("cannot read the archive: read");
	return -1;
}

/* What a member says, and what fills its last block up. */
static int pass_data(struct cp_side *s, uint64_t size, bool send)
{
	uint64_t left = (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;

	for (uint64_t at = 0; left;) {
		size_t piece = left < sizeof data ? (size_t)left : sizeof data;
		size_t counts = at >= size ? 0 : size - at < piece ? (size_t)(size - at) : piece;
		struct cp_entry e = { .kind = CP_DATA_AT, .more = (uint32_t)counts, .size = at };

		if (read_stdin(data, piece) <= 0)
			return cut_off();
		if (send && counts && cp_send(s->pipe, &e, NULL, data) < 0)
			return -1;
		at += piece;
		left -= piece;
	}
	return 0;
}

static int end_dirs(struct cp_side *s, int to)
{
	for (; depth > to; depth--) {
		struct cp_entry *e = &levels[depth - 1].entry;

		e->kind = CP_END_DIR;
		e->name = 0;
		if (cp_send(s->pipe, e, NULL, NULL) < 0)
			return -1;
	}
	return 0;
}

/* Ends the directories that `words` are not in, begins those they are in. */
static int go_to(struct cp_side *s, char **words, int count)
{
	int common = 0;

	while (common < count && common < depth && strcmp(levels[common].name, words[common]) == 0)
		common++;
	if (end_dirs(s, common) < 0)
		return -1;
	while (depth < count) {
		struct level *level = &levels[depth];

		level->entry = (struct cp_entry){ .kind = CP_DIR, .implied = true, .mode = 0755, .mtime = time(NULL) };
		level->entry.name = (uint16_t)strlen(words[depth]);
		strcpy(level->name, words[depth++]);
		if (cp_send(s->pipe, &level->entry, level->name, NULL) < 0)
			return -1;
	}
	return 0;
}

/* What is known of it counts at its end. The place itself stays as it is. */
static int send_dir(struct cp_side *s, const struct tar_member *m, char **words, int count)
{
	if (!count)
		return 0;
	if (go_to(s, words, count) < 0)
		return -1;
	levels[count - 1].entry = m->entry;
	return tar_send_xattrs(s);
}

static int send_file(struct cp_side *s, const struct tar_member *m, const char *name)
{
	struct cp_entry e = m->entry;

	e.kind = CP_FILE;
	e.name = (uint16_t)strlen(name);
	e.size = m->size;
	if (cp_send(s->pipe, &e, name, NULL) < 0 || tar_send_xattrs(s) < 0 || pass_data(s, m->size, true) < 0)
		return -1;
	e.kind = CP_CLOSE;
	e.name = 0;
	return cp_send(s->pipe, &e, NULL, NULL);
}

static int send_other(struct cp_side *s, const struct tar_member *m, enum cp_kind kind, const char *name, const char *link)
{
	struct cp_entry e = m->entry;

	e.kind = (uint8_t)kind;
	e.name = (uint16_t)strlen(name);
	e.more = (uint32_t)strlen(link);
	return cp_send(s->pipe, &e, name, link) < 0 ? -1 : pass_data(s, m->size, false);
}

/* Components without "." and without what is before the first; -1 when it leads upwards, or is too much. */
static int split(char *path, char **words)
{
	int count = 0;
	char *rest;

	for (char *word = strtok_r(path, "/", &rest); word; word = strtok_r(NULL, "/", &rest)) {
		if (strcmp(word, ".") == 0)
			continue;
		if (count == CP_DEPTH || !cp_is_component(word))
			return -1;
		words[count++] = word;
	}
	return count;
}

static int leave_out(struct cp_side *s, const struct tar_member *m, const char *why)
{
	snprintf(s->path, sizeof s->path, "%s", m->path);
	cp_left_out(s, why);
	return pass_data(s, m->size, false);
}

static int send_same(struct cp_side *s, const struct tar_member *m, const char *name)
{
	static char path[CP_PATH], clean[CP_PATH];
	static char *words[CP_DEPTH];
	int count;

	snprintf(path, sizeof path, "%s", m->link);
	count = split(path, words);
	if (count <= 0)
		return leave_out(s, m, "what it is another name of is outside of the archive");
	clean[0] = 0;
	for (int i = 0; i < count; i++)
		snprintf(clean + strlen(clean), sizeof clean - strlen(clean), "%s%s", i ? "/" : "", words[i]);
	return send_other(s, m, CP_SAME, name, clean);
}

static int send_member(struct cp_side *s, const struct tar_member *m)
{
	static char path[CP_PATH];
	static char *words[CP_DEPTH];
	bool is_dir = m->type == '5' || ((m->type == '0' || !m->type) && *m->path && m->path[strlen(m->path) - 1] == '/');
	int count;

	snprintf(path, sizeof path, "%s", m->path);
	count = split(path, words);
	if (m->refused)
		return leave_out(s, m, m->refused);
	if (count < 0)
		return leave_out(s, m, "its path leads upwards, or is too long");
	if (is_dir)
		return send_dir(s, m, words, count) < 0 ? -1 : pass_data(s, m->size, false);
	if (!count)
		return leave_out(s, m, "it has no name");
	if (go_to(s, words, count - 1) < 0)
		return -1;
	switch (m->type) {
	case 0:
	case '0':
	case '7':
		return send_file(s, m, words[count - 1]);
	case '1':
		return send_same(s, m, words[count - 1]);
	case '2':
		return send_other(s, m, CP_LINK, words[count - 1], m->link);
	case '6':
		return send_other(s, m, CP_FIFO, words[count - 1], "");
	case '3':
	case '4':
		return leave_out(s, m, "it is a device, which is left out");
	default:
		return leave_out(s, m, "ctr does not know members of its kind");
	}
}

int cp_read_tar(struct cp_side *s)
{
	struct cp_entry place = { .kind = CP_DIR, .contents = true, .implied = true, .mode = 0755 }, done = { .kind = CP_DONE };
	static struct tar_member member;
	int got;

	/* Nothing is made for what is no archive. */
	got = tar_next(&member, read_stdin);
	if (got < 0 || cp_send(s->pipe, &place, NULL, NULL) < 0)
		return -1;
	for (; got > 0; got = tar_next(&member, read_stdin))
		if (send_member(s, &member) < 0)
			return -1;
	if (got < 0)
		return -1;
	place.kind = CP_END_DIR;
	if (end_dirs(s, 0) < 0 || cp_send(s->pipe, &place, NULL, NULL) < 0 || cp_send(s->pipe, &done, NULL, NULL) < 0)
		return -1;
	/* Who writes it is not to be ended by our end. */
	while (read(STDIN_FILENO, data, sizeof data) > 0)
		;
	return 0;
}
