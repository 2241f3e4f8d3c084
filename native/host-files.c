#include "host-files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "beneath.h"
#include "error.h"
#include "fd.h"
#include "io.h"
#include "place-file.h"

#define MAX_FILE (1 << 20)
#define PATH_SIZE 4096

/* The directory part of a path, with its last slash, and what comes behind it; -1 with errno. */
static int split(const char *path, char *parent, size_t size, const char **name)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) + 1 : 0;

	errno = length ? ENAMETOOLONG : EINVAL;
	if (!length || length >= size)
		return -1;
	memcpy(parent, path, length);
	parent[length] = 0;
	*name = slash + 1;
	return 0;
}

/* Reads the whole file, of at most MAX_FILE bytes; its size, or -1 with errno. */
static ssize_t read_file(const char *source, bool follow, char *bytes)
{
	_cleanup_close_ int path = open_source(source, follow ? 0 : O_NOFOLLOW);
	_cleanup_close_ int fd = -1;
	struct stat st;
	size_t got = 0;

	if (path < 0 || fstat(path, &st) < 0)
		return -1;
	errno = S_ISLNK(st.st_mode) ? ELOOP : !S_ISREG(st.st_mode) ? EINVAL : st.st_size > MAX_FILE ? EFBIG : 0;
	if (errno)
		return -1;
	fd = reopen(path, O_RDONLY | O_NONBLOCK);
	while (fd >= 0 && got < MAX_FILE) {
		ssize_t n = read(fd, bytes + got, MAX_FILE - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			return (ssize_t)got;
		got += (size_t)n;
	}
	if (fd >= 0)
		errno = EFBIG;
	return -1;
}

/* What a name server of the host's own loopback is to somebody who has another one: none at all. */
static bool has_reachable_server(const char *text, const char *end)
{
	static const char word[] = "nameserver";
	const size_t length = sizeof word - 1;

	for (const char *line = text; line < end;) {
		const char *newline = memchr(line, '\n', (size_t)(end - line)), *stop = newline ? newline : end;
		const char *address = line + length;

		if ((size_t)(stop - line) > length + 1 && memcmp(line, word, length) == 0 && (*address == ' ' || *address == '\t')) {
			while (address < stop && (*address == ' ' || *address == '\t'))
				address++;
			if (stop - address > 3 && memcmp(address, "127.", 4) != 0 && memcmp(address, "::1", 3) != 0)
				return true;
		}
		line = stop + 1;
	}
	return false;
}

static char bytes[MAX_FILE];

bool is_reachable_resolver(const char *source)
{
	ssize_t size = read_file(source, true, bytes);

	return size >= 0 && has_reachable_server(bytes, bytes + size);
}

int do_copy_file(struct container *c, const struct op *op)
{
	const char *source = op_str(op, F_COPY_FILE_SOURCE), *path = op_str(op, F_COPY_FILE_PATH), *name;
	uint64_t options = op_u64(op, F_COPY_FILE_OPTIONS);
	ssize_t size = read_file(source, !(options & OPT_NO_SYMLINKS), bytes);
	_cleanup_close_ int dir = -1;
	int result;

	if (size < 0)
		return fail("open", source, "read '%s' of the host", source);
	if (options & OPT_REACHABLE && !has_reachable_server(bytes, bytes + size))
		return refuse("its name servers are the host's own loopback", source, "copy '%s' of the host to '%s'", source, path);
	dir = open_parent(c, path, &name);
	if (dir < 0)
		return -1;
	result = place_file(c, dir, name, bytes, (size_t)size, (mode_t)op_u64(op, F_COPY_FILE_MODE), options & OPT_REPLACE);
	return result < 0 ? fail("rename", path, "copy '%s' of the host to '%s'", source, path) : 0;
}

/* Whether the link, lying in the directory of `path`, leads to something in the root. */
static bool leads_somewhere(const struct container *c, const char *path, const char *target)
{
	char parent[PATH_SIZE], full[2 * PATH_SIZE];
	const char *name;
	int fd;

	if (split(path, parent, sizeof parent, &name) < 0)
		return false;
	snprintf(full, sizeof full, "%s%s", *target == '/' ? "" : parent, target);
	fd = open_beneath(c, full, 0);
	close_fd(&fd);
	return fd >= 0;
}

int do_copy_link(struct container *c, const struct op *op)
{
	const char *source = op_str(op, F_COPY_LINK_SOURCE), *path = op_str(op, F_COPY_LINK_PATH), *name;
	char target[PATH_SIZE];
	ssize_t n = readlink(source, target, sizeof target - 1);
	_cleanup_close_ int dir = -1;
	int result;

	if (n < 0)
		return fail("readlink", source, "read the link '%s' of the host", source);
	target[n] = 0;
	if (!leads_somewhere(c, path, target))
		return refuse("it leads to nothing in the root", path, "make the link '%s'", path);
	dir = open_parent(c, path, &name);
	if (dir < 0)
		return -1;
	act_as_root_inside(c);
	unlinkat(dir, TEMPORARY, 0);
	result = symlinkat(target, dir, TEMPORARY);
	if (result == 0)
		result = put_in_place(dir, name, true);
	act_as_ourselves(c);
	return result < 0 ? fail("symlink", path, "make the link '%s'", path) : 0;
}

int do_remove(struct container *c, const struct op *op)
{
	const char *path = op_str(op, F_REMOVE_PATH), *name;
	char parent[PATH_SIZE];
	_cleanup_close_ int dir = -1;
	int result;

	/* No directory is made on the way. */
	if (split(path, parent, sizeof parent, &name) == 0)
		dir = open_beneath(c, parent, 0);
	if (dir < 0)
		return errno == ENOENT ? 0 : fail("openat2", path, "remove '%s'", path);
	act_as_root_inside(c);
	result = unlinkat(dir, name, 0);
	act_as_ourselves(c);
	return result < 0 && errno != ENOENT ? fail("unlink", path, "remove '%s'", path) : 0;
}

int do_host_directory(const struct op *op)
{
	const char *path = op_str(op, F_HOST_DIRECTORY_PATH), *name;
	bool must = !(op_u64(op, F_HOST_DIRECTORY_OPTIONS) & OPT_IF_POSSIBLE);
	char parent[PATH_SIZE];
	_cleanup_close_ int dir = -1;

	if (split(path, parent, sizeof parent, &name) == 0)
		dir = open_source(parent, 0);
	if (dir >= 0 && (mkdirat(dir, name, (mode_t)op_u64(op, F_HOST_DIRECTORY_MODE)) == 0 || errno == EEXIST))
		return 0;
	return must ? fail("mkdir", path, "make the directory '%s' on the host", path) : 0;
}
