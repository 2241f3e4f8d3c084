#include "filesystems.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "beneath.h"
#include "error.h"
#include "fd.h"
#include "io.h"
#include "loop.h"
#include "mounts.h"
#include "superblock.h"

static int configure(int fs, const char *key, const char *value)
{
	return (int)syscall(SYS_fsconfig, fs, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, key, value, 0);
}

static int configure_all(int fs, const char *data)
{
	char option[256];

	while (*data) {
		size_t length = strcspn(data, ",");
		char *value;

		if (length >= sizeof option) {
			errno = E2BIG;
			return -1;
		}
		memcpy(option, data, length);
		option[length] = 0;
		data += length + (data[length] == ',');
		value = strchr(option, '=');
		if (value)
			*value++ = 0;
		if (length && configure(fs, option, value) < 0)
			return -1;
	}
	return 0;
}

/* The kernel tells an fs context in words what was wrong: lines of "e text". */
static void read_words(int fs, char *said)
{
	char text[SAID_SIZE + 2];
	int err = errno;
	ssize_t n = read(fs, text, sizeof text - 1);

	if (n > 2 && text[0] == 'e') {
		text[n] = 0;
		text[strcspn(text, "\n")] = 0;
		snprintf(said, SAID_SIZE, "%.*s", SAID_SIZE - 1, text + 2);
	}
	errno = err;
}

int create_mount(const char *fstype, const char *source, uint64_t flags, const char *data, char *said)
{
	_cleanup_close_ int fs = (int)syscall(SYS_fsopen, fstype, FSOPEN_CLOEXEC);
	_cleanup_close_ int mounted = -1;
	struct mount_attr attr = { 0 };

	if (said)
		said[0] = 0;
	if (fs < 0)
		return -1;
	if (configure(fs, "source", source) < 0 || (flags & MS_RDONLY && configure(fs, "ro", NULL) < 0) ||
	    (flags & MS_SYNCHRONOUS && configure(fs, "sync", NULL) < 0) ||
	    (flags & MS_DIRSYNC && configure(fs, "dirsync", NULL) < 0) || configure_all(fs, data) < 0 ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) {
		if (said)
			read_words(fs, said);
		return -1;
	}
	mounted = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	set_attributes(flags, &attr);
	if (mounted < 0 || syscall(SYS_mount_setattr, mounted, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		return -1;
	return take_fd(&mounted);
}

int fail_create(const char *fstype, const char *said, const char *object, const char *step, ...)
{
	char text[sizeof failure.step];
	va_list args;

	va_start(args, step);
	vsnprintf(text, sizeof text, step, args);
	va_end(args);
	if (*said)
		return refuse(said, object, "%s", text);
	if (errno == ENODEV) {
		char reason[SAID_SIZE];

		snprintf(reason, sizeof reason, "this kernel has no file system '%.64s'", fstype);
		return refuse(reason, object, "%s", text);
	}
	return fail("fsconfig", object, "%s", text);
}

static int open_block(const char *source, int flags)
{
	_cleanup_close_ int path = open_source(source, flags);
	int fd;
	struct stat st;

	if (path < 0 || fstat(path, &st) < 0)
		return fail("open", source, "open the block device '%s'", source);
	if (!S_ISBLK(st.st_mode))
		return refuse(S_ISLNK(st.st_mode) ? "it is a symbolic link" : "it is no block device", source,
			      "open the block device '%s'", source);
	fd = reopen(path, O_RDONLY | O_NONBLOCK);
	return fd < 0 ? fail("open", source, "open the block device '%s'", source) : fd;
}

/* What `mount-device` and `root-device` share: a detached mount of the file system on it, or -1 with `failure`. */
static int mount_medium(const struct container *c, const char *source, const char *fstype, uint64_t flags, const char *data,
			uint64_t options, int follow, int target)
{
	_cleanup_close_ int device = options & OPT_LOOP ? attach_loop(source, flags & MS_RDONLY, follow) : open_block(source, follow);
	_cleanup_close_ int mounted = -1, userns = -1;
	char path[32], said[SAID_SIZE];
	const char *reason;
	struct stat st;

	if (device < 0)
		return -1;
	if (!*fstype)
		fstype = probe_superblock(device, &reason);
	if (!fstype)
		return refuse(reason, source, "find the file system of '%s'", source);
	/* By its descriptor: the name may mean another device by now. */
	snprintf(path, sizeof path, "/proc/self/fd/%d", device);
	mounted = create_mount(fstype, path, flags, data, said);
	if (mounted < 0)
		return fail_create(fstype, said, source, "mount the %s of '%s'", fstype, source);
	if (fstat(mounted, &st) < 0 || open_id_map(c, options, &st, target, &userns) < 0)
		return -1;
	if (userns >= 0) {
		struct mount_attr map = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns };

		if (syscall(SYS_mount_setattr, mounted, "", AT_EMPTY_PATH, &map, sizeof map) < 0)
			return fail("mount_setattr(IDMAP)", source, "mount the %s of '%s'", fstype, source);
	}
	return take_fd(&mounted);
}

int do_mount_device(struct container *c, const struct op *op)
{
	const char *target = op_str(op, F_MOUNT_DEVICE_TARGET), *source = op_str(op, F_MOUNT_DEVICE_SOURCE);
	uint64_t options = op_u64(op, F_MOUNT_DEVICE_OPTIONS);
	_cleanup_close_ int to = open_target(c, target, true, options);
	_cleanup_close_ int mounted = -1;

	if (to < 0)
		return -1;
	mounted = mount_medium(c, source, op_str(op, F_MOUNT_DEVICE_FSTYPE), op_u64(op, F_MOUNT_DEVICE_FLAGS),
			       op_str(op, F_MOUNT_DEVICE_DATA), options, 0, to);
	if (mounted < 0)
		return -1;
	return attach_mount(mounted, to) < 0 ? fail("move_mount", target, "mount '%s' on '%s'", source, target) : 0;
}

int do_root_device(struct container *c, const struct op *op)
{
	const char *source = op_str(op, F_ROOT_DEVICE_SOURCE);
	uint64_t options = op_u64(op, F_ROOT_DEVICE_OPTIONS);
	/* An image may lie where others can put links; the names of devices are links by nature. */
	int follow = options & OPT_LOOP ? O_NOFOLLOW : 0;

	c->root = mount_medium(c, source, op_str(op, F_ROOT_DEVICE_FSTYPE), op_u64(op, F_ROOT_DEVICE_FLAGS),
			       op_str(op, F_ROOT_DEVICE_DATA), options, follow, -1);
	c->root_read_only = options & OPT_READ_ONLY;
	if (c->root < 0)
		return -1;
	return attach_root(c, c->root) < 0 ? fail("move_mount", source, "attach the root file system '%s'", source) : 0;
}
