#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include "beneath.h"
#include "error.h"
#include "fd.h"

/* <sys/mount.h> and <linux/mount.h> declare the same names; these are all that is needed of the former. */
int mount(const char *source, const char *target, const char *fstype, unsigned long flags, const void *data);
int umount2(const char *target, int flags);
#define MNT_DETACH 2

#define PROC_SUPER_MAGIC 0x9fa0
#define SYSFS_MAGIC 0x62656572

static int call_open_tree(int fd, const char *path, unsigned flags)
{
	return (int)syscall(SYS_open_tree, fd, path, flags);
}

static int call_mount_setattr(int fd, unsigned flags, struct mount_attr *attr)
{
	return (int)syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | flags, attr, sizeof *attr);
}

static uint64_t attributes_of(uint64_t flags)
{
	return (flags & MS_RDONLY ? MOUNT_ATTR_RDONLY : 0) | (flags & MS_NOSUID ? MOUNT_ATTR_NOSUID : 0) |
	       (flags & MS_NODEV ? MOUNT_ATTR_NODEV : 0) | (flags & MS_NOEXEC ? MOUNT_ATTR_NOEXEC : 0);
}

int open_userns(const struct container *c)
{
	char path[40];

	snprintf(path, sizeof path, "/proc/%d/ns/user", c->init);
	return open(path, O_RDONLY | O_CLOEXEC);
}

int copy_mount(int fd, uint64_t flags, int userns_fd, const char **call)
{
	unsigned recursive = flags & MS_REC ? AT_RECURSIVE : 0;
	struct mount_attr attr = { .attr_set = attributes_of(flags), .propagation = MS_PRIVATE };
	_cleanup_close_ int copy = call_open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | recursive);

	*call = "open_tree";
	if (copy < 0)
		return -1;
	*call = "mount_setattr";
	if (call_mount_setattr(copy, recursive, &attr) < 0)
		return -1;
	if (userns_fd >= 0) {
		/* The top mount alone: what else lies below keeps its ids (not every file system can map them). */
		struct mount_attr map = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns_fd };

		*call = "mount_setattr(IDMAP)";
		if (call_mount_setattr(copy, 0, &map) < 0)
			return -1;
	}
	return take_fd(&copy);
}

int attach_mount(int mount_fd, int target_fd)
{
	return (int)syscall(SYS_move_mount, mount_fd, "", target_fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

/* ---- mount: file systems ------------------------------------------------ */

static int mount_at(int target, const char *fstype, const char *source, uint64_t flags, const char *data)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", target);
	return mount(source, path, fstype, flags, *data ? data : NULL);
}

/* procfs shows the pid namespace of who mounts it: a child of ours made in init's, ours otherwise stays where it is. */
static int mount_in_pidns(const struct container *c, int target, const char *fstype, const char *source, uint64_t flags,
			  const char *data)
{
	int status = 0;
	pid_t child;

	if (setns(c->init_pidfd, CLONE_NEWPID) < 0)
		return -1;
	child = fork();
	if (child == 0)
		_exit(mount_at(target, fstype, source, flags, data) < 0 ? errno : 0);
	if (child > 0)
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
	if (setns(c->host_pidns, CLONE_NEWPID) < 0 || child < 0)
		return -1;
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return errno ? -1 : 0;
}

/* Linux 6.17: procfs takes the pid namespace as an option, which spares the child. */
static int mount_proc(const struct container *c, int target, const char *source, uint64_t flags, const char *data)
{
	_cleanup_close_ int fs = *data ? -1 : (int)syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC);
	_cleanup_close_ int pidns = -1, mounted = -1;
	char path[40];

	if (fs >= 0) {
		snprintf(path, sizeof path, "/proc/%d/ns/pid", c->init);
		pidns = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (fs >= 0)
		syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "source", source, 0);
	if (pidns >= 0 && syscall(SYS_fsconfig, fs, FSCONFIG_SET_FD, "pidns", NULL, pidns) == 0 &&
	    syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		mounted = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes_of(flags));
	if (mounted >= 0)
		return attach_mount(mounted, target);
	return mount_in_pidns(c, target, "proc", source, flags, data);
}

/* sysfs shows the network namespace of who mounts it. */
static int mount_sysfs(const struct container *c, int target, const char *source, uint64_t flags, const char *data)
{
	int result, err;

	if (!(c->clone_flags & CLONE_NEWNET))
		return mount_at(target, "sysfs", source, flags, data);
	if (setns(c->init_pidfd, CLONE_NEWNET) < 0)
		return -1;
	result = mount_at(target, "sysfs", source, flags, data);
	err = errno;
	if (setns(c->host_netns, CLONE_NEWNET) < 0)
		return -1;
	errno = err;
	return result;
}

/* devpts gives its directory and ptmx to who mounts it; inside, both belong to root. */
static int own_devpts(const struct container *c, const char *target)
{
	_cleanup_close_ int fd = open_beneath(c, target, 0);

	if (fd < 0 || fchownat(fd, "", c->root_uid, c->root_gid, AT_EMPTY_PATH) < 0)
		return -1;
	return fchownat(fd, "ptmx", c->root_uid, c->root_gid, AT_SYMLINK_NOFOLLOW);
}

/* What was attached must be what was meant, whatever the target has become meanwhile (statfs(2) of the target's new top). */
static int check_magic(const struct container *c, const char *target, long magic)
{
	_cleanup_close_ int fd = open_beneath(c, target, OPT_NO_SYMLINKS);
	struct statfs fs;

	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return -1;
	errno = ESTALE;
	return (long)fs.f_type == magic ? 0 : -1;
}

int do_mount(struct container *c, const struct op *op)
{
	const char *fstype = op_str(op, F_MOUNT_FSTYPE), *source = op_str(op, F_MOUNT_SOURCE);
	const char *target = op_str(op, F_MOUNT_TARGET), *data = op_str(op, F_MOUNT_DATA);
	uint64_t flags = op_u64(op, F_MOUNT_FLAGS);
	_cleanup_close_ int fd = open_target(c, target, true, op_u64(op, F_MOUNT_OPTIONS));
	int result;

	if (fd < 0)
		return -1;
	if (strcmp(fstype, "proc") == 0)
		result = mount_proc(c, fd, source, flags, data) < 0 ? -1 : check_magic(c, target, PROC_SUPER_MAGIC);
	else if (strcmp(fstype, "sysfs") == 0)
		result = mount_sysfs(c, fd, source, flags, data) < 0 ? -1 : check_magic(c, target, SYSFS_MAGIC);
	else
		result = mount_at(fd, fstype, source, flags, data);
	if (result == 0 && c->userns && strcmp(fstype, "devpts") == 0)
		result = own_devpts(c, target);
	return result < 0 ? fail("mount", target, "mount %s on '%s'", fstype, target) : 0;
}

/* ---- bind, mask, read-only, detach ------------------------------------- */

/* Linux before 5.12 has no mount_setattr(2), before 5.2 no open_tree(2): the old bind, whose flags need a second call on the new top. */
static int bind_classic(const struct container *c, int source, int target, const char *path, uint64_t flags)
{
	char from[32], to[32];
	_cleanup_close_ int top = -1;

	snprintf(from, sizeof from, "/proc/self/fd/%d", source);
	snprintf(to, sizeof to, "/proc/self/fd/%d", target);
	if (mount(from, to, NULL, MS_BIND | (flags & MS_REC), NULL) < 0)
		return -1;
	if (!(flags & ~(uint64_t)MS_REC))
		return 0;
	if (flags & MS_REC && flags & MS_RDONLY) {
		/* Below the top nothing can be made read-only this way: say so, do not pretend. */
		errno = ENOSYS;
		return -1;
	}
	top = open_beneath(c, path, 0);
	snprintf(to, sizeof to, "/proc/self/fd/%d", top);
	return mount(NULL, to, NULL, MS_BIND | MS_REMOUNT | flags, NULL);
}

int do_bind(struct container *c, const struct op *op)
{
	const char *source = op_str(op, F_BIND_SOURCE), *target = op_str(op, F_BIND_TARGET), *call;
	uint64_t flags = op_u64(op, F_BIND_FLAGS), options = op_u64(op, F_BIND_OPTIONS);
	_cleanup_close_ int from = options & OPT_INSIDE ? open_beneath(c, source, 0) : open_source(source);
	_cleanup_close_ int to = -1, copy = -1, userns = -1;
	struct stat st;

	if (from < 0 && errno == ENOENT && options & OPT_OPTIONAL)
		return 0;
	if (from < 0 || fstat(from, &st) < 0)
		return fail("open", source, "open '%s' to bind it on '%s'", source, target);
	if (S_ISLNK(st.st_mode))
		return refuse("it is a symbolic link", source, "open '%s' to bind it on '%s'", source, target);
	to = open_target(c, target, S_ISDIR(st.st_mode), options);
	if (to < 0)
		return -1;
	if (options & OPT_IDMAPPED && c->userns) {
		userns = open_userns(c);
		if (userns < 0)
			return fail("open", "/proc/PID/ns/user", "open the user namespace of init");
	}
	copy = copy_mount(from, flags, userns, &call);
	if (copy < 0 && errno == ENOSYS && userns < 0) {
		if (bind_classic(c, from, to, target, flags) < 0)
			return fail("mount", target, "bind '%s' on '%s'", source, target);
		return 0;
	}
	if (copy < 0)
		return fail(call, source, "bind '%s' on '%s'", source, target);
	return attach_mount(copy, to) < 0 ? fail("move_mount", target, "bind '%s' on '%s'", source, target) : 0;
}

/* A directory is hidden by an empty read-only one. The first is a tmpfs of its own, the others are binds of it. */
static int cover_directory(struct container *c, int target, const char *path)
{
	_cleanup_close_ int cover = -1;
	const char *call;

	if (c->empty_dir >= 0) {
		cover = copy_mount(c->empty_dir, MS_RDONLY, -1, &call);
		return cover < 0 ? -1 : attach_mount(cover, target);
	}
	if (mount_at(target, "tmpfs", "mask", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0,nr_inodes=1,mode=555") < 0)
		return -1;
	c->empty_dir = open_beneath(c, path, OPT_NO_SYMLINKS);
	return c->empty_dir < 0 ? -1 : 0;
}

/* A file is hidden by the null device, which must be that (1:3) and not what somebody put in its place. */
static int cover_file(int target)
{
	_cleanup_close_ int null = open("/dev/null", O_PATH | O_CLOEXEC | O_NOFOLLOW);
	_cleanup_close_ int cover = -1;
	const char *call;
	struct stat st;

	if (null < 0 || fstat(null, &st) < 0)
		return -1;
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3)) {
		errno = ENODEV;
		return -1;
	}
	cover = copy_mount(null, MS_RDONLY | MS_NOSUID | MS_NOEXEC, -1, &call);
	return cover < 0 ? -1 : attach_mount(cover, target);
}

int do_mask(struct container *c, const struct op *op)
{
	const char *path = op_str(op, F_MASK_PATH);
	_cleanup_close_ int fd = open_beneath(c, path, OPT_NO_SYMLINKS);
	struct stat st;

	if (fd < 0 && op_u64(op, F_MASK_OPTIONS) & OPT_OPTIONAL && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail("openat2", path, "mask '%s'", path);
	if ((S_ISDIR(st.st_mode) ? cover_directory(c, fd, path) : cover_file(fd)) < 0)
		return fail("mount", path, "mask '%s'", path);
	return 0;
}

int do_read_only(struct container *c, const struct op *op)
{
	const char *path = op_str(op, F_READ_ONLY_PATH), *call;
	_cleanup_close_ int fd = open_beneath(c, path, OPT_NO_SYMLINKS);
	_cleanup_close_ int copy = -1;

	if (fd < 0 && op_u64(op, F_READ_ONLY_OPTIONS) & OPT_OPTIONAL && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return fail("openat2", path, "make '%s' read-only", path);
	copy = copy_mount(fd, MS_RDONLY | MS_REC, -1, &call);
	if (copy < 0)
		return fail(call, path, "make '%s' read-only", path);
	return attach_mount(copy, fd) < 0 ? fail("move_mount", path, "make '%s' read-only", path) : 0;
}

int do_detach(struct container *c, const struct op *op)
{
	const char *path = op_str(op, F_DETACH_PATH);
	char proc[32];

	/* As often as something is mounted there: mounts may be stacked. EINVAL: not a mount point (any more). */
	for (int i = 0; i < 64; i++) {
		_cleanup_close_ int fd = open_beneath(c, path, OPT_NO_SYMLINKS);

		if (fd < 0 && errno == ENOENT && op_u64(op, F_DETACH_OPTIONS) & OPT_OPTIONAL)
			return 0;
		snprintf(proc, sizeof proc, "/proc/self/fd/%d", fd);
		if (fd < 0 || umount2(proc, MNT_DETACH) < 0) {
			if (errno == EINVAL)
				return 0;
			return fail("umount2", path, "detach what the host has mounted on '%s'", path);
		}
	}
	return 0;
}
