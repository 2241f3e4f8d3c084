#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "fd.h"
#include "filesystems.h"
#include "mounts.h"

int umount2(const char *target, int flags);
#define MNT_DETACH 2

/* Detached and empty; devices in it work. */
static int make_tmpfs(const char *options)
{
	return create_mount("tmpfs", "tmpfs", MS_NOSUID | MS_NOEXEC, options, NULL);
}

int open_device(mode_t kind, dev_t number, int flags)
{
	_cleanup_close_ int dir = make_tmpfs("size=4k,mode=700");

	if (dir < 0 || mknodat(dir, "device", kind | 0600, number) < 0)
		return -1;
	return openat(dir, "device", flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
}

int attach_on_top(int mount_fd)
{
	_cleanup_close_ int top = open("/", O_PATH | O_CLOEXEC);

	return top < 0 ? -1 : attach_mount(mount_fd, top);
}

int detach_top(int mount_fd)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", mount_fd);
	return umount2(path, MNT_DETACH);
}

static int open_scratch(struct container *c)
{
	_cleanup_close_ int fd = -1;

	if (c->scratch >= 0)
		return 0;
	fd = make_tmpfs("size=1m,mode=711");
	if (fd < 0 || attach_on_top(fd) < 0)
		return -1;
	c->scratch = take_fd(&fd);
	return 0;
}

int scratch_node(struct container *c, mode_t mode, dev_t number, uid_t uid, gid_t gid)
{
	static unsigned count;
	char name[16];

	snprintf(name, sizeof name, "%u", count++);
	if (open_scratch(c) < 0)
		return -1;
	if (S_ISDIR(mode) ? mkdirat(c->scratch, name, mode & 07777) < 0 : mknodat(c->scratch, name, mode, number) < 0)
		return -1;
	if (fchownat(c->scratch, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0 || fchmodat(c->scratch, name, mode & 07777, 0) < 0)
		return -1;
	return openat(c->scratch, name, O_PATH | O_CLOEXEC | O_NOFOLLOW);
}

int drop_scratch(struct container *c)
{
	int result;

	if (c->scratch < 0)
		return 0;
	result = detach_top(c->scratch);
	close(c->scratch);
	c->scratch = -1;
	return result;
}
