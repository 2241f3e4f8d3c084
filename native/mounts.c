#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
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
#include "sync.h"

/* <sys/mount.h> and <linux/mount.h> declare the same names; this is all that is needed of the former. */
int mount(const char *source, const char *target, const char *fstype, unsigned long flags, const void *data);

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
	       (flags & MS_NODEV ? MOUNT_ATTR_NODEV : 0) | (flags & MS_NOEXEC ? MOUNT_ATTR_NOEXEC : 0) |
	       (flags & MS_NODIRATIME ? MOUNT_ATTR_NODIRATIME : 0) | (flags & MS_NOSYMFOLLOW ? MOUNT_ATTR_NOSYMFOLLOW : 0);
}

void set_attributes(uint64_t flags, struct mount_attr *attr)
{
	attr->attr_set |= attributes_of(flags);
	if (!(flags & (MS_NOATIME | MS_RELATIME | MS_STRICTATIME)))
		return;
	/* One value of several: the bits of the old one go. */
	attr->attr_clr |= MOUNT_ATTR__ATIME;
	attr->attr_set |= flags & MS_NOATIME ? MOUNT_ATTR_NOATIME : flags & MS_STRICTATIME ? MOUNT_ATTR_STRICTATIME : 0;
}

int copy_mount(int fd, uint64_t flags, int userns_fd, const char **call)
{
	unsigned recursive = flags & MS_REC ? AT_RECURSIVE : 0;
	struct mount_attr attr = { .propagation = flags & MS_SLAVE ? MS_SLAVE : MS_PRIVATE };
	_cleanup_close_ int copy = call_open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | recursive);

	*call = "open_tree";
	if (copy < 0)
		return -1;
	set_attributes(flags, &attr);
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

int attach_root(const struct container *c, int mount_fd)
{
	_cleanup_close_ int top = open_attach_point(c);

	return top < 0 ? -1 : attach_mount(mount_fd, top);
}

int mount_filesystem(int target, const char *fstype, const char *source, uint64_t flags, const char *data)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", target);
	return mount(source, path, fstype, flags, *data ? data : NULL);
}

static int status_of(pid_t child)
{
	int status = 0;

	if (child < 0)
		return -1;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return errno ? -1 : 0;
}

/* A child in the pid namespace that was gone into. It takes a number by name (Linux 5.5), which leaves the count of the namespace where
 * it is: the first process that init makes is PID 2. */
static pid_t fork_uncounted(void)
{
	pid_t number = 2;
	struct clone_args args = { .exit_signal = SIGCHLD, .set_tid = (uintptr_t)&number, .set_tid_size = 1 };
	pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof args);

	/* An older kernel, a filter that hides clone3(2), or a namespace that has been there before. */
	return child < 0 ? fork() : child;
}

/* From a first stage there is no way back into a namespace of the host: a child goes, and does not come back. Who goes into a pid
 * namespace is not in it yet, but its next child. */
static int mount_in_child(const struct container *c, int kind, int target, const char *fstype, const char *source, uint64_t flags,
			  const char *data)
{
	pid_t child = fork();

	if (child)
		return status_of(child);
	if (setns(c->init_pidfd, kind) < 0)
		_exit(errno);
	if (kind != CLONE_NEWPID)
		_exit(mount_filesystem(target, fstype, source, flags, data) < 0 ? errno : 0);
	child = fork_uncounted();
	if (child == 0)
		_exit(mount_filesystem(target, fstype, source, flags, data) < 0 ? errno : 0);
	_exit(status_of(child) < 0 ? errno : 0);
}

/* procfs shows the pid namespace of who mounts it: a child of ours made in init's, ours otherwise stays where it is. */
static int mount_in_pidns(const struct container *c, int target, const char *fstype, const char *source, uint64_t flags,
			  const char *data)
{
	_cleanup_close_ int own = -1;
	int result, err;
	pid_t child;

	if (c->first_stage)
		return mount_in_child(c, CLONE_NEWPID, target, fstype, source, flags, data);
	own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	if (own < 0 || setns(c->init_pidfd, CLONE_NEWPID) < 0)
		return -1;
	child = fork_uncounted();
	if (child == 0)
		_exit(mount_filesystem(target, fstype, source, flags, data) < 0 ? errno : 0);
	result = status_of(child);
	err = errno;
	if (setns(own, CLONE_NEWPID) < 0)
		return -1;
	errno = err;
	return result;
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
static int mount_sysfs(struct container *c, int target, const char *source, uint64_t flags, const char *data)
{
	int result, err;

	if (!((c->clone_flags | c->joined) & CLONE_NEWNET))
		return mount_filesystem(target, "sysfs", source, flags, data);
	if (await_networked(c) < 0)
		return -1;
	if (c->first_stage)
		return mount_in_child(c, CLONE_NEWNET, target, "sysfs", source, flags, data);
	if (setns(c->init_pidfd, CLONE_NEWNET) < 0)
		return -1;
	result = mount_filesystem(target, "sysfs", source, flags, data);
	err = errno;
	if (setns(c->host_netns, CLONE_NEWNET) < 0)
		return -1;
	errno = err;
	return result;
}

/* mqueue shows the ipc namespace of who mounts it. */
static int mount_mqueue(const struct container *c, int target, const char *source, uint64_t flags, const char *data)
{
	_cleanup_close_ int own = c->clone_flags & CLONE_NEWIPC ? open("/proc/self/ns/ipc", O_RDONLY | O_CLOEXEC) : -1;
	int result, err;

	if (c->first_stage && c->clone_flags & CLONE_NEWIPC)
		return mount_in_child(c, CLONE_NEWIPC, target, "mqueue", source, flags, data);
	if (c->clone_flags & CLONE_NEWIPC && (own < 0 || setns(c->init_pidfd, CLONE_NEWIPC) < 0))
		return -1;
	result = mount_filesystem(target, "mqueue", source, flags, data);
	err = errno;
	if (own >= 0 && setns(own, CLONE_NEWIPC) < 0)
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
	else if (strcmp(fstype, "mqueue") == 0)
		result = mount_mqueue(c, fd, source, flags, data);
	else
		result = mount_filesystem(fd, fstype, source, flags, data);
	if (result == 0 && c->userns && strcmp(fstype, "devpts") == 0)
		result = own_devpts(c, target);
	if (result < 0 && errno == ENODEV)
		return refuse("this kernel has no such file system", target, "mount %s on '%s'", fstype, target);
	return result < 0 ? fail("mount", target, "mount %s on '%s'", fstype, target) : 0;
}
