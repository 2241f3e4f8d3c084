#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "error.h"
#include "fd.h"
#include "followed-links.h"

#define PATH_SIZE 4096

static int call_openat2(int dirfd, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC | flags, .resolve = resolve };
	int fd;

	/* EAGAIN: a rename somewhere raced with the look-up of '..'. */
	for (int tries = 0; tries < 32; tries++) {
		fd = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof how);
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd;
}

/* Linux before 5.6: component by component, no symbolic link at all. Stricter, and as safe. */
static int walk_beneath(int root, const char *path)
{
	_cleanup_close_ int fd = openat(root, ".", O_PATH | O_CLOEXEC);
	char part[256];

	while (fd >= 0 && *path) {
		size_t length = strcspn(path, "/");
		int next;

		if (length >= sizeof part || (length == 2 && memcmp(path, "..", 2) == 0)) {
			errno = EINVAL;
			return -1;
		}
		memcpy(part, path, length);
		part[length] = 0;
		path += length + (path[length] == '/');
		if (!length)
			continue;
		next = openat(fd, part, O_PATH | O_CLOEXEC | O_NOFOLLOW);
		if (next >= 0) {
			struct stat st;

			if (fstat(next, &st) == 0 && S_ISLNK(st.st_mode)) {
				close(next);
				errno = ELOOP;
				return -1;
			}
		}
		close(fd);
		fd = next;
	}
	return take_fd(&fd);
}

int open_beneath(const struct container *c, const char *path, uint64_t options)
{
	uint64_t resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
	int fd;

	if (options & OPT_NO_SYMLINKS)
		resolve |= RESOLVE_NO_SYMLINKS;
	fd = call_openat2(c->root, path, 0, resolve);
	return fd < 0 && errno == ENOSYS ? walk_beneath(c->root, path) : fd;
}

/* Makes one component in a directory known by fd. With an id-mapped root, host root has no id in it: root inside must be the maker. */
static int make_component(const struct container *c, int parent, const char *name, bool directory)
{
	int result, err;

	if (c->userns) {
		setfsgid(c->root_gid);
		setfsuid(c->root_uid);
	}
	if (directory) {
		result = mkdirat(parent, name, 0755);
	} else {
		result = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
		if (result >= 0)
			close(result);
	}
	err = errno;
	if (c->userns) {
		setfsuid(0);
		setfsgid(0);
	}
	errno = err;
	return result < 0 ? -1 : 0;
}

static int symlink_refused(const char *path)
{
	return refuse("it is, or lies below, a symbolic link", path, "use '%s' of the root as a mount point", path);
}

/* Opens the longest prefix of the `*end` bytes of `path` that is there, and sets *end to its length. */
static int open_longest(const struct container *c, const char *path, size_t *end, uint64_t options)
{
	char prefix[PATH_SIZE];

	memcpy(prefix, path, *end);
	for (;;) {
		int fd;

		prefix[*end] = 0;
		fd = open_beneath(c, *end ? prefix : "/", *end ? options : 0);
		if (fd >= 0 || !*end)
			return fd;
		if (errno != ENOENT) {
			/* Which component it is the walk from the top will tell. */
			*end = 0;
			continue;
		}
		while (*end && prefix[*end - 1] != '/')
			--*end;
		while (*end && prefix[*end - 1] == '/')
			--*end;
	}
}

/* The first `end` bytes of `path`: what is missing of it is made, component by component. */
static int make_prefixes(const struct container *c, const char *path, size_t end, uint64_t options)
{
	_cleanup_close_ int fd = -1;
	char prefix[PATH_SIZE];
	size_t at = end;

	if (end >= sizeof prefix) {
		errno = ENAMETOOLONG;
		return fail("open", path, "make the mount point '%s'", path);
	}
	fd = open_longest(c, path, &at, options);
	memcpy(prefix, path, end);
	prefix[end] = 0;
	while (fd >= 0 && at < end) {
		size_t start = at + strspn(prefix + at, "/");
		int next;
		char kept;

		at = start + strcspn(prefix + start, "/");
		if (at == start)
			break;
		kept = prefix[at];
		prefix[at] = 0;
		next = open_beneath(c, prefix, options);
		if (next < 0 && errno == ENOENT) {
			if (make_component(c, fd, prefix + start, true) < 0 && errno != EEXIST)
				return fail("mkdir", prefix, "make the mount point '%s'", path);
			next = open_beneath(c, prefix, options);
		}
		if (next < 0)
			return errno == ELOOP ? symlink_refused(path) : fail("openat2", prefix, "open '%s' in the root", path);
		prefix[at] = kept;
		close(fd);
		fd = next;
	}
	return take_fd(&fd);
}

int open_parent(const struct container *c, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');

	*name = slash ? slash + 1 : path;
	return make_prefixes(c, path, slash ? (size_t)(slash - path) : 0, 0);
}

int open_target(const struct container *c, const char *path, bool directory, uint64_t options)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (directory) {
		fd = make_prefixes(c, path, strlen(path), options);
		if (fd < 0)
			return -1;
	} else {
		const char *name;
		_cleanup_close_ int parent = -1;

		fd = open_beneath(c, path, options);
		if (fd < 0 && errno == ELOOP)
			return symlink_refused(path);
		if (fd < 0) {
			parent = open_parent(c, path, &name);
			if (parent < 0)
				return -1;
			if (make_component(c, parent, name, false) < 0 && errno != EEXIST)
				return fail("open", path, "make the mount point '%s'", path);
			fd = open_beneath(c, path, options);
			if (fd < 0)
				return fail("openat2", path, "open '%s' in the root", path);
		}
	}
	if (fstat(fd, &st) < 0)
		return fail("fstat", path, "open '%s' in the root", path);
	if (directory != S_ISDIR(st.st_mode)) {
		errno = directory ? ENOTDIR : EISDIR;
		return fail("open", path, "use '%s' of the root as a mount point", path);
	}
	return take_fd(&fd);
}

int open_source(const char *path, int flags)
{
	int fd = call_openat2(AT_FDCWD, path, (uint64_t)flags, RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS);

	if (fd >= 0 || (errno != ELOOP && errno != ENOSYS))
		return fd;
	fd = errno == ENOSYS ? open(path, O_PATH | O_CLOEXEC | flags) : call_openat2(AT_FDCWD, path, (uint64_t)flags, RESOLVE_NO_MAGICLINKS);
	if (fd < 0 || check_followed_links(path, flags, fd) == 0)
		return fd;
	close(fd);
	errno = EACCES;
	return -1;
}
