/* The side that is read: a walk by descriptors. No symbolic link is followed on the way, and on the container's side no mount is
 * entered that the source does not begin on. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "cp.h"
#include "error.h"
#include "fd.h"
#include "io.h"

struct dirent64 {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

static char data[CP_DATA];

static int send_data(struct cp_side *s, uint64_t at, size_t size)
{
	struct cp_entry e = { .kind = CP_DATA_AT, .more = (uint32_t)size, .size = at };

	return cp_send(s->pipe, &e, NULL, data);
}

/* From `at` to `end`, or to where there is no more: the place reached, -1 when the other side has gone. */
static int64_t send_range(struct cp_side *s, int fd, int64_t at, int64_t end)
{
	while (at < end) {
		int64_t left = end - at;
		ssize_t n = pread(fd, data, left < CP_DATA ? (size_t)left : CP_DATA, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			cp_failed(s, "read");
		if (n <= 0)
			break;
		if (send_data(s, (uint64_t)at, (size_t)n) < 0)
			return -1;
		at += n;
	}
	return at;
}

/* Holes stay holes. What has no size (files of /proc) is read to its end. */
static int send_content(struct cp_side *s, int fd, int64_t size, struct cp_entry *e)
{
	int64_t at = 0;

	while (at < size) {
		int64_t from = lseek(fd, at, SEEK_DATA), to;

		if (from < 0 && errno == ENXIO)
			break;
		to = from < 0 ? size : lseek(fd, from, SEEK_HOLE);
		at = send_range(s, fd, from < 0 ? at : from, to < 0 ? size : to);
		if (at < 0)
			return -1;
		if (at < (to < 0 ? size : to))
			size = at; /* it has become shorter */
	}
	if (size == 0)
		size = at = send_range(s, fd, 0, INT64_MAX);
	if (at < 0)
		return -1;
	e->kind = CP_CLOSE;
	e->size = (uint64_t)size;
	e->name = 0;
	return cp_send(s->pipe, e, NULL, NULL);
}

/* Below the first entry; NULL of that itself, and where the path does not fit. */
static const char *path_below(const struct cp_side *s)
{
	const char *path = s->path + s->top;

	path += *path == '/';
	return *path && s->length < sizeof s->path - 1 ? path : NULL;
}

static int send_file(struct cp_side *s, int fd, const struct stat *st, struct cp_entry *e, const char *name)
{
	const char *own = st->st_nlink > 1 ? path_below(s) : NULL, *known = own ? cp_known_file(st) : NULL;
	_cleanup_close_ int in = -1;

	if (known) {
		e->kind = CP_SAME;
		e->more = (uint32_t)strlen(known);
		return cp_send(s->pipe, e, name, known);
	}
	in = reopen(fd, O_RDONLY | O_NONBLOCK);
	if (in < 0) {
		cp_failed(s, "open");
		return 0;
	}
	e->kind = CP_FILE;
	e->size = (uint64_t)st->st_size;
	if (cp_send(s->pipe, e, name, NULL) < 0)
		return -1;
	if (own)
		cp_remember_file(st, own);
	if (s->keep)
		cp_send_xattrs(s, in);
	return send_content(s, in, st->st_size, e);
}

static int send_link(struct cp_side *s, int fd, struct cp_entry *e, const char *name)
{
	char target[CP_PATH];
	ssize_t n = readlinkat(fd, "", target, sizeof target);

	if (n < 0 || n == sizeof target) {
		errno = n < 0 ? errno : ENAMETOOLONG;
		cp_failed(s, "readlink");
		return 0;
	}
	e->kind = CP_LINK;
	e->more = (uint32_t)n;
	return cp_send(s->pipe, e, name, target);
}

static int visit(struct cp_side *s, int dir, const char *name, int depth);

static int send_entries(struct cp_side *s, int dir, int depth)
{
	_Alignas(struct dirent64) char buffer[4096];
	long size;

	while ((size = syscall(SYS_getdents64, dir, buffer, sizeof buffer)) > 0) {
		for (long at = 0; at < size;) {
			const struct dirent64 *entry = (const struct dirent64 *)(const void *)(buffer + at);

			at += entry->length;
			if (strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0 && visit(s, dir, entry->name, depth) < 0)
				return -1;
		}
	}
	if (size < 0)
		cp_failed(s, "getdents64");
	return 0;
}

static int send_dir(struct cp_side *s, int fd, struct cp_entry *e, const char *name, int depth)
{
	_cleanup_close_ int dir = reopen(fd, O_RDONLY | O_DIRECTORY);

	if (dir < 0 || depth == CP_DEPTH) {
		errno = dir < 0 ? errno : ELOOP;
		cp_failed(s, "open");
		return 0;
	}
	e->kind = CP_DIR;
	if (cp_send(s->pipe, e, name, NULL) < 0)
		return -1;
	if (s->keep)
		cp_send_xattrs(s, dir);
	if (send_entries(s, dir, depth + 1) < 0)
		return -1;
	e->kind = CP_END_DIR;
	e->name = 0;
	return cp_send(s->pipe, e, NULL, NULL);
}

static int send_one(struct cp_side *s, int fd, const char *name, int depth)
{
	struct cp_entry e = { .name = (uint16_t)strlen(name), .contents = !*name };
	struct stat st;

	if (fstat(fd, &st) < 0) {
		cp_failed(s, "fstat");
		return 0;
	}
	cp_describe(s, &e, &st);
	if (S_ISREG(st.st_mode))
		return send_file(s, fd, &st, &e, name);
	if (S_ISDIR(st.st_mode))
		return send_dir(s, fd, &e, name, depth);
	if (S_ISLNK(st.st_mode))
		return send_link(s, fd, &e, name);
	e.kind = CP_FIFO;
	if (S_ISFIFO(st.st_mode))
		return cp_send(s->pipe, &e, name, NULL);
	cp_left_out(s, S_ISSOCK(st.st_mode) ? "it is a socket, which is left out" : "it is a device, which is left out");
	return 0;
}

static int open_entry(int dir, const char *name, uint64_t more)
{
	struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | more,
	};

	return (int)syscall(SYS_openat2, dir, name, &how, sizeof how);
}

/* A directory that is a mount comes as an empty one: what it shows is no part of this tree. A file is what it shows. */
static int send_mount_point(struct cp_side *s, int dir, const char *name)
{
	_cleanup_close_ int fd = open_entry(dir, name, 0);
	struct cp_entry e = { .kind = CP_DIR, .name = (uint16_t)strlen(name) };
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		cp_failed(s, "openat2");
		return 0;
	}
	if (!S_ISDIR(st.st_mode))
		return send_one(s, fd, name, 0);
	warn("'%s:%s' is a mount of its own: only its directory is copied", s->name, s->path);
	cp_describe(s, &e, &st);
	if (cp_send(s->pipe, &e, name, NULL) < 0)
		return -1;
	e.kind = CP_END_DIR;
	e.name = 0;
	return cp_send(s->pipe, &e, NULL, NULL);
}

static int visit(struct cp_side *s, int dir, const char *name, int depth)
{
	_cleanup_close_ int fd = open_entry(dir, name, s->root >= 0 ? RESOLVE_NO_XDEV : 0);
	size_t before = cp_push(s, name);
	int result = 0;

	if (fd >= 0)
		result = send_one(s, fd, name, depth);
	else if (errno == EXDEV)
		result = send_mount_point(s, dir, name);
	else if (errno != ENOENT) /* gone meanwhile */
		cp_failed(s, "openat2");
	cp_pop(s, before);
	return result;
}

/* The last component; "" for "/", "." and "..", whose contents are meant. */
static void find_name(const char *path, char *name)
{
	size_t end = strlen(path), start;

	while (end && path[end - 1] == '/')
		end--;
	for (start = end; start && path[start - 1] != '/';)
		start--;
	if (end - start >= CP_NAME || (end - start == 1 && path[start] == '.') || (end - start == 2 && memcmp(path + start, "..", 2) == 0))
		end = start;
	memcpy(name, path + start, end - start);
	name[end - start] = 0;
}

int cp_read(struct cp_side *s, const char *path)
{
	_cleanup_close_ int fd = cp_open(s, path, s->follow ? 0 : O_NOFOLLOW);
	struct cp_entry done = { .kind = CP_DONE };
	char name[CP_NAME];

	cp_push(s, path);
	s->top = s->length;
	find_name(path, name);
	if (fd < 0)
		cp_failed(s, "open");
	else if (send_one(s, fd, name, 0) < 0)
		return -1;
	return cp_send(s->pipe, &done, NULL, NULL);
}
