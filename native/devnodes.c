#include "devnodes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "beneath.h"
#include "error.h"
#include "fd.h"
#include "mounts.h"
#include "terminal.h"

#define DEVPTS_SUPER_MAGIC 0x1cd1
#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

/* In a user namespace mknod(2) is refused to everybody; the starter is outside of it, on a tmpfs of the host's user namespace. */
int make_node(const struct container *c, const char *path, mode_t mode, dev_t device, uid_t uid, gid_t gid)
{
	const char *name;
	_cleanup_close_ int parent = open_parent(c, path, &name);

	if (parent < 0)
		return -1;
	if (mknodat(parent, name, mode, device) < 0)
		return fail("mknod", path, "make the device node '%s'", path);
	if (fchownat(parent, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return fail("chown", path, "make the device node '%s'", path);
	/* The mode given to mknod went through the umask. */
	return fchmodat(parent, name, mode & 07777, 0) < 0 ? fail("chmod", path, "make the device node '%s'", path) : 0;
}

int do_node(struct container *c, const struct op *op)
{
	dev_t device = makedev((unsigned)op_u64(op, F_NODE_MAJOR), (unsigned)op_u64(op, F_NODE_MINOR));

	return make_node(c, op_str(op, F_NODE_PATH), (mode_t)op_u64(op, F_NODE_MODE), device, (uid_t)op_u64(op, F_NODE_UID),
			 (gid_t)op_u64(op, F_NODE_GID));
}

int do_symlink(struct container *c, const struct op *op)
{
	const char *path = op_str(op, F_SYMLINK_PATH), *name;
	_cleanup_close_ int parent = open_parent(c, path, &name);

	if (parent < 0)
		return -1;
	if (symlinkat(op_str(op, F_SYMLINK_TARGET), parent, name) < 0)
		return errno == EEXIST ? 0 : fail("symlink", path, "make the link '%s'", path);
	if (c->userns && fchownat(parent, name, c->root_uid, c->root_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return fail("chown", path, "make the link '%s'", path);
	return 0;
}

int do_directory(struct container *c, const struct op *op)
{
	const char *path = op_str(op, F_DIRECTORY_PATH), *name;
	_cleanup_close_ int parent = open_parent(c, path, &name);
	_cleanup_close_ int fd = -1;

	if (parent < 0)
		return -1;
	if (mkdirat(parent, name, 0700) < 0) {
		if (errno == EEXIST)
			return 0;
		return fail("mkdir", path, "make the directory '%s'", path);
	}
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fchown(fd, (uid_t)op_u64(op, F_DIRECTORY_UID), (gid_t)op_u64(op, F_DIRECTORY_GID)) < 0 ||
	    fchmod(fd, (mode_t)op_u64(op, F_DIRECTORY_MODE)) < 0)
		return fail("chown", path, "make the directory '%s'", path);
	return 0;
}

/* A pty of the container's own devpts; the slave comes from the master, not from a path (TIOCGPTPEER, ioctl_tty(2)). */
static int allocate_pty(const struct container *c, const char *devpts, int *slave)
{
	_cleanup_close_ int dir = open_beneath(c, devpts, OPT_NO_SYMLINKS);
	_cleanup_close_ int master = -1;
	struct statfs fs;
	struct stat st;
	int unlock = 0;

	if (dir < 0 || fstatfs(dir, &fs) < 0 || fs.f_type != DEVPTS_SUPER_MAGIC)
		return -1;
	master = openat(dir, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
	if (master < 0 || fstat(master, &st) < 0)
		return -1;
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(5, 2)) {
		errno = ENOTTY;
		return -1;
	}
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return -1;
	*slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return *slave < 0 ? -1 : take_fd(&master);
}

static int bind_slave(struct container *c, int slave, const char *path)
{
	_cleanup_close_ int target = open_target(c, path, false, 0);
	_cleanup_close_ int copy = -1;
	const char *call;

	if (target < 0)
		return -1;
	copy = copy_mount(slave, 0, -1, &call);
	if (copy < 0)
		return fail(call, path, "bind the console on '%s'", path);
	return attach_mount(copy, target) < 0 ? fail("move_mount", path, "bind the console on '%s'", path) : 0;
}

int do_console(struct container *c, const struct op *op)
{
	const char *paths = op_str(op, F_CONSOLE_PATHS), *devpts = op_str(op, F_CONSOLE_DEVPTS);
	_cleanup_close_ int slave = -1;
	int master;

	if (c->console_count == MAX_CONSOLES)
		return refuse("a container has at most 16", paths, "make a console");
	master = allocate_pty(c, devpts, &slave);
	if (master < 0)
		return fail("open", devpts, "make a console");
	c->consoles[c->console_count++] = master;
	/* Of a run: it stands for the caller's. */
	if (c->command)
		terminal_copy(slave);
	if (fchown(slave, (uid_t)op_u64(op, F_CONSOLE_UID), (gid_t)-1) < 0 || fchmod(slave, 0620) < 0)
		return fail("chown", devpts, "make a console");
	while (*paths) {
		char path[256];
		size_t length = strcspn(paths, " ");

		snprintf(path, sizeof path, "%.*s", (int)length, paths);
		if (bind_slave(c, slave, path) < 0)
			return -1;
		paths += length + (paths[length] == ' ');
	}
	return 0;
}
