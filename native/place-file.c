#include "place-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "io.h"

void act_as_root_inside(const struct container *c)
{
	if (c->userns) {
		setfsgid(c->root_gid);
		setfsuid(c->root_uid);
	}
}

void act_as_ourselves(const struct container *c)
{
	int err = errno;

	if (c->userns) {
		setfsuid(0);
		setfsgid(0);
	}
	errno = err;
}

static int write_temporary(int dir, const char *bytes, size_t size, mode_t mode)
{
	_cleanup_close_ int fd = -1;

	if (unlinkat(dir, TEMPORARY, 0) < 0 && errno != ENOENT)
		return -1;
	fd = openat(dir, TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 || write_all(fd, bytes, size) < 0 || fchmod(fd, mode) < 0 ? -1 : 0;
}

static void remove_temporary(int dir)
{
	int err = errno;

	unlinkat(dir, TEMPORARY, 0);
	errno = err;
}

int put_in_place(int dir, const char *name, bool replace_links)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode) && !replace_links)
		errno = ELOOP;
	else if (renameat(dir, TEMPORARY, dir, name) == 0)
		return 0;
	remove_temporary(dir);
	return -1;
}

int place_file(const struct container *c, int dir, const char *name, const char *bytes, size_t size, mode_t mode, bool replace_links)
{
	int result;

	act_as_root_inside(c);
	result = write_temporary(dir, bytes, size, mode);
	if (result < 0)
		remove_temporary(dir);
	else
		result = put_in_place(dir, name, replace_links);
	act_as_ourselves(c);
	return result;
}
