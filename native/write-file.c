/* `write-file` operation. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "beneath.h"
#include "error.h"
#include "fd.h"
#include "host-files.h"
#include "io.h"
#include "mounts.h"
#include "place-file.h"
#include "scratch.h"

#define MAX_FILE (1 << 18)
/* At the end of lines that are ours, in files that are the user's. */
#define MARK "# by ctr"

struct text_file {
	char bytes[MAX_FILE];
	size_t size;
	mode_t mode;
	bool exists, regular;
};

/* What an O_PATH descriptor means; -1: nothing is there. -1 with errno. */
static int read_now(int path, struct text_file *file)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	file->size = 0;
	file->exists = file->regular = false;
	if (path < 0)
		return 0;
	if (fstat(path, &st) < 0)
		return -1;
	file->exists = true;
	file->regular = S_ISREG(st.st_mode);
	file->mode = st.st_mode & 07777;
	if (!file->regular)
		return 0;
	fd = reopen(path, O_RDONLY | O_NONBLOCK);
	while (fd >= 0 && file->size < MAX_FILE) {
		ssize_t n = read(fd, file->bytes + file->size, MAX_FILE - file->size);

		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -1;
		file->size += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0)
		errno = EFBIG;
	return -1;
}

static bool ends_with_mark(const char *line, size_t size)
{
	const size_t length = sizeof MARK - 1;

	return size >= length && memcmp(line + size - length, MARK, length) == 0;
}

/* Up to a comment; words are told apart by blanks. */
static bool has_word(const char *line, size_t size, const char *word)
{
	size_t length = strlen(word);

	for (size_t at = 0; at < size && line[at] != '#';) {
		size_t begin = at;

		while (at < size && !strchr(" \t#", line[at]))
			at++;
		if (at - begin == length && strncasecmp(line + begin, word, length) == 0)
			return true;
		while (at < size && strchr(" \t", line[at]))
			at++;
	}
	return false;
}

static int append(struct text_file *file, const char *bytes, size_t size)
{
	if (size > MAX_FILE - file->size) {
		errno = EFBIG;
		return -1;
	}
	memcpy(file->bytes + file->size, bytes, size);
	file->size += size;
	return 0;
}

/* The file of the user with our lines behind his; without them where he has said it himself. -1 with errno. */
static int merge(const struct text_file *now, const char *lines, size_t size, const char *unless, struct text_file *wanted)
{
	bool said = false;

	wanted->size = 0;
	for (size_t at = 0, end; at < now->size; at = end) {
		const char *line = now->bytes + at, *newline = memchr(line, '\n', now->size - at);
		size_t length = newline ? (size_t)(newline - line) : now->size - at;

		end = at + length + (newline ? 1 : 0);
		if (ends_with_mark(line, length))
			continue;
		said = said || has_word(line, length, unless);
		if (append(wanted, line, end - at) < 0)
			return -1;
	}
	if (said)
		return 0;
	if (wanted->size && wanted->bytes[wanted->size - 1] != '\n' && append(wanted, "\n", 1) < 0)
		return -1;
	return append(wanted, lines, size);
}

/* A file in memory lies over what is there, or over what a link there leads to. */
static int bind_file(struct container *c, const char *path, const struct text_file *wanted, mode_t mode)
{
	_cleanup_close_ int node = scratch_node(c, S_IFREG | mode, 0, (uid_t)c->root_uid, (gid_t)c->root_gid);
	_cleanup_close_ int fd = node < 0 ? -1 : reopen(node, O_WRONLY);
	_cleanup_close_ int target = -1, copy = -1;
	const char *call = "write";

	if (fd < 0 || write_all(fd, wanted->bytes, wanted->size) < 0)
		return fail(call, path, "write '%s'", path);
	target = open_target(c, path, false, 0);
	if (target < 0)
		return -1;
	copy = copy_mount(node, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, -1, &call);
	if (copy < 0 || attach_mount(copy, target) < 0)
		return fail(copy < 0 ? call : "move_mount", path, "bind '%s'", path);
	return 0;
}

/* Where it is written no link is followed; what is bound may lie behind one. */
static int read_below(const struct container *c, const char *path, bool bound, int *dir, const char **name, struct text_file *now)
{
	_cleanup_close_ int file = -1;

	if (!bound) {
		*dir = open_parent(c, path, name);
		if (*dir < 0)
			return -1;
	}
	file = bound ? open_beneath(c, path, 0) : openat(*dir, *name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return read_now(file, now) < 0 ? fail("read", path, "read '%s'", path) : 0;
}

int do_write_file(struct container *c, const struct op *op)
{
	static struct text_file now, wanted;
	const char *path = op_str(op, F_WRITE_FILE_PATH), *unless = op_str(op, F_WRITE_FILE_UNLESS), *name = "";
	uint64_t options = op_u64(op, F_WRITE_FILE_OPTIONS);
	mode_t mode = (mode_t)op_u64(op, F_WRITE_FILE_MODE);
	bool bound = options & OPT_BOUND, managed = *unless && strcmp(unless, "*") != 0;
	_cleanup_close_ int dir = -1;
	size_t size;
	const char *content = op_bytes(op, F_WRITE_FILE_CONTENT, &size);

	if (read_below(c, path, bound, &dir, &name, &now) < 0)
		return -1;
	if (now.exists && strcmp(unless, "*") == 0)
		return 0;
	/* A link or a device in the place of lines that are the user's is his, too. */
	if (managed && now.exists && !now.regular)
		return refuse("it is no file", path, "write '%s'", path);
	wanted.size = 0;
	if ((managed ? merge(&now, content, size, unless, &wanted) : append(&wanted, content, size)) < 0)
		return fail("write", path, "write '%s'", path);
	if (now.regular && now.size == wanted.size && memcmp(now.bytes, wanted.bytes, now.size) == 0)
		return 0;
	if (bound)
		return bind_file(c, path, &wanted, mode);
	if (managed && now.exists)
		mode = now.mode;
	if (place_file(c, dir, name, wanted.bytes, wanted.size, mode, options & OPT_REPLACE) < 0)
		return fail("rename", path, "write '%s'", path);
	return 0;
}
