/* The operations of the mount phase that show again what exists: binds, masks, read-only views, and what goes. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "beneath.h"
#include "error.h"
#include "fd.h"
#include "host-files.h"
#include "mounts.h"
#include "scratch.h"

/* <sys/mount.h> and <linux/mount.h> declare the same names; these are all that is needed of the former. */
int mount(const char *source, const char *target, const char *fstype, unsigned long flags, const void *data);
int umount2(const char *target, int flags);
#define MNT_DETACH 2

/* Linux before 5.12 has no mount_setattr(2), before 5.2 no open_tree(2): the old bind, whose flags need a second call on the new top. */
static int bind_classic(const struct container *c, int source, int target, const char *path, uint64_t flags)
{
	char from[32], to[32];
	_cleanup_close_ int top = -1;

	snprintf(from, sizeof from, "/proc/self/fd/%d", source);
	snprintf(to, sizeof to, "/proc/self/fd/%d", target);
	if (mount(from, to, NULL, MS_BIND | (flags & MS_REC), NULL) < 0)
		return -1;
	if (!(flags & ~(uint64_t)(MS_REC | MS_SLAVE)))
		return 0;
	if (flags & MS_REC && flags & MS_RDONLY) {
		/* Below the top nothing can be made read-only this way: say so, do not pretend. */
		errno = ENOSYS;
		return -1;
	}
	top = open_beneath(c, path, 0);
	snprintf(to, sizeof to, "/proc/self/fd/%d", top);
	if (mount(NULL, to, NULL, MS_BIND | MS_REMOUNT | (flags & ~(uint64_t)MS_SLAVE), NULL) == 0)
		return 0;
	/* A start may go on without it, but not with one that lacks its flags. */
	umount2(to, MNT_DETACH);
	return -1;
}

/* In what is bound itself: there nothing is made, or a run would leave its mount points in the directories of its user. */
static int open_existing(const struct container *c, const char *target, bool directory)
{
	_cleanup_close_ int fd = open_beneath(c, target, 0);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail("openat2", target, "bind on '%s', which lies in another bind and is not made there", target);
	if (directory != S_ISDIR(st.st_mode)) {
		errno = directory ? ENOTDIR : EISDIR;
		return fail("open", target, "use '%s' of the root as a mount point", target);
	}
	return take_fd(&fd);
}

int do_bind(struct container *c, const struct op *op)
{
	const char *source = op_str(op, F_BIND_SOURCE), *target = op_str(op, F_BIND_TARGET), *call;
	uint64_t flags = op_u64(op, F_BIND_FLAGS), options = op_u64(op, F_BIND_OPTIONS);
	/* It may be one of the groups. */
	int made = options & OPT_INSIDE ? 0 : await_host_objects(c);
	_cleanup_close_ int from = made < 0 ? -1 : options & OPT_INSIDE ? open_beneath(c, source, 0) : open_source(source, 0);
	_cleanup_close_ int to = -1, copy = -1, userns = -1;
	struct stat st;

	if (made < 0)
		return -1;
	if (from < 0 && errno == ENOENT && options & OPT_OPTIONAL)
		return 0;
	if (from < 0 || fstat(from, &st) < 0)
		return fail("open", source, "open '%s' to bind it on '%s'", source, target);
	if (S_ISLNK(st.st_mode))
		return refuse("it is a symbolic link", source, "open '%s' to bind it on '%s'", source, target);
	if (options & OPT_REACHABLE && !is_reachable_resolver(source))
		return refuse("its name servers are the host's own loopback", source, "bind '%s' on '%s'", source, target);
	to = options & OPT_EXISTING ? open_existing(c, target, S_ISDIR(st.st_mode)) : open_target(c, target, S_ISDIR(st.st_mode), options);
	if (to < 0)
		return -1;
	if (open_id_map(c, options, &st, to, &userns) < 0)
		return -1;
	copy = copy_mount(from, flags, userns, &call);
	if (copy < 0 && errno == ENOSYS && userns < 0) {
		if (bind_classic(c, from, to, target, flags) < 0)
			return fail("mount", target, "bind '%s' on '%s'", source, target);
		return 0;
	}
	/* mount_namespaces(7): what a more privileged namespace has covered, nobody else uncovers. */
	if (copy < 0 && errno == EINVAL && !(flags & MS_REC) && c->first_stage)
		return refuse("the host has mounted something below it, which only root may leave out: bind it with what is in it", source,
			      "bind '%s' on '%s'", source, target);
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
	if (mount_filesystem(target, "tmpfs", "mask", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0,nr_inodes=1,mode=555") < 0)
		return -1;
	c->empty_dir = open_beneath(c, path, OPT_NO_SYMLINKS);
	return c->empty_dir < 0 ? -1 : 0;
}

/* A file is hidden by the null device, which must be that (1:3) and not what somebody put in its place. */
static int cover_file(struct container *c, int target)
{
	_cleanup_close_ int cover = -1;
	const char *call;
	struct stat st;

	if (c->null_dev < 0)
		c->null_dev = open("/dev/null", O_PATH | O_CLOEXEC | O_NOFOLLOW);
	if (c->null_dev < 0 || fstat(c->null_dev, &st) < 0)
		return -1;
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3)) {
		errno = ENODEV;
		return -1;
	}
	cover = copy_mount(c->null_dev, MS_RDONLY | MS_NOSUID | MS_NOEXEC, -1, &call);
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
	if ((S_ISDIR(st.st_mode) ? cover_directory(c, fd, path) : cover_file(c, fd)) < 0)
		return fail("mount", path, "mask '%s'", path);
	return 0;
}

/* An empty node of the same kind without permissions, owned by root outside: with a user namespace not even root inside passes. */
int do_inaccessible(struct container *c, const struct op *op)
{
	const char *path = op_str(op, F_INACCESSIBLE_PATH), *call = "mknod";
	uint64_t options = op_u64(op, F_INACCESSIBLE_OPTIONS);
	_cleanup_close_ int fd = open_beneath(c, path, options);
	_cleanup_close_ int node = -1, copy = -1;
	struct stat st;

	if (fd < 0 && options & OPT_OPTIONAL && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail("openat2", path, "hide '%s'", path);
	node = scratch_node(c, st.st_mode & S_IFMT, 0, 0, 0);
	if (node < 0)
		return fail(call, path, "hide '%s'", path);
	copy = copy_mount(node, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, -1, &call);
	if (copy < 0)
		return fail(call, path, "hide '%s'", path);
	return attach_mount(copy, fd) < 0 ? fail("move_mount", path, "hide '%s'", path) : 0;
}

int do_read_only(struct container *c, const struct op *op)
{
	const char *path = op_str(op, F_READ_ONLY_PATH), *except = op_str(op, F_READ_ONLY_EXCEPT), *call;
	_cleanup_close_ int fd = open_beneath(c, path, OPT_NO_SYMLINKS);
	_cleanup_close_ int copy = -1, writable = -1, place = -1;

	if (fd < 0 && op_u64(op, F_READ_ONLY_OPTIONS) & OPT_OPTIONAL && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return fail("openat2", path, "make '%s' read-only", path);
	if (*except) {
		/* Before: a read-only tree has no writable part left to copy. */
		place = open_beneath(c, except, OPT_NO_SYMLINKS);
		writable = place < 0 ? -1 : copy_mount(place, MS_REC, -1, &call);
		if (writable < 0)
			return fail(place < 0 ? "openat2" : call, except, "make '%s' read-only", path);
		close(place);
		place = -1;
	}
	copy = copy_mount(fd, MS_RDONLY | MS_REC, -1, &call);
	if (copy < 0)
		return fail(call, path, "make '%s' read-only", path);
	if (attach_mount(copy, fd) < 0)
		return fail("move_mount", path, "make '%s' read-only", path);
	if (!*except)
		return 0;
	place = open_beneath(c, except, OPT_NO_SYMLINKS);
	return place < 0 || attach_mount(writable, place) < 0 ? fail("move_mount", except, "make '%s' read-only", path) : 0;
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
