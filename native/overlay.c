/* An overlay is made of copies of mounts that are attached on top of everything until it is made, each by its descriptor: no name
 * of a directory becomes part of an option (S32), and it works where overlayfs takes no detached mounts (Linux before 6.13). */
#include "overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "beneath.h"
#include "error.h"
#include "fd.h"
#include "filesystems.h"
#include "mounts.h"
#include "scratch.h"

#define MAX_LAYERS 128

/* While it is put together. */
struct overlay {
	int lower[MAX_LAYERS]; /* the lowest first */
	int lowers;
	int held, first;       /* how many are attached on top of everything, and the first of them */
	int upper, work;       /* directories of one mount, or -1 */
};

/* Nothing of it may stay where it was attached: it would be in the container. */
static int dissolve(struct overlay *o)
{
	int result = 0;

	while (result == 0 && o->held) {
		result = detach_top(o->first);
		o->held--;
	}
	for (int i = 0; i < o->lowers; i++)
		close_fd(&o->lower[i]);
	close_fd(&o->upper);
	close_fd(&o->work);
	return result < 0 ? fail("umount2", "/", "take away the layers of an overlay") : 0;
}

static int hold(struct overlay *o, int mount_fd)
{
	if (attach_on_top(mount_fd) < 0)
		return -1;
	if (o->held++ == 0)
		o->first = mount_fd;
	return 0;
}

/* `+/path` is one of the new root. */
static int open_layer(const struct container *c, const char *path)
{
	_cleanup_close_ int fd = *path == '+' ? open_beneath(c, path + 1, 0) : open_source(path, 0);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail("open", path, "open the layer '%s'", path);
	if (!S_ISDIR(st.st_mode))
		return refuse("it is no directory", path, "open the layer '%s'", path);
	return take_fd(&fd);
}

static int add_lower(const struct container *c, struct overlay *o, const char *path)
{
	_cleanup_close_ int dir = open_layer(c, path);
	const char *call;
	int copy;

	if (dir < 0)
		return -1;
	if (o->lowers == MAX_LAYERS)
		return refuse("there are more than 128", path, "open the layer '%s'", path);
	copy = copy_mount(dir, MS_RDONLY, -1, &call);
	if (copy < 0)
		return fail(call, path, "open the layer '%s'", path);
	o->lower[o->lowers++] = copy;
	return hold(o, copy) < 0 ? fail("move_mount", path, "open the layer '%s'", path) : 0;
}

/* overlayfs wants its work directory on the mount of the upper one. It lies beside it, hidden, and stays, as systemd-nspawn's does. */
static int add_upper(const struct container *c, struct overlay *o, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : "", *call = "open";
	char parent[4096], work[256];
	_cleanup_close_ int dir = -1, copy = -1;

	if (!*name || strlen(name) > sizeof work - 16 || (size_t)(slash - path) >= sizeof parent - 1)
		return refuse("its name is not usable", path, "open the layer '%s'", path);
	snprintf(parent, sizeof parent, "%.*s", (int)(slash - path), path);
	if (!parent[0] || strcmp(parent, "+") == 0)
		strcat(parent, "/");
	snprintf(work, sizeof work, ".%s.ctr-work", name);
	dir = open_layer(c, parent);
	if (dir < 0)
		return -1;
	copy = copy_mount(dir, 0, -1, &call);
	if (copy < 0 || hold(o, copy) < 0)
		return fail(call, path, "open the layer '%s'", path);
	o->upper = openat(copy, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (o->upper < 0 || (mkdirat(copy, work, 0700) < 0 && errno != EEXIST))
		return fail("open", path, "open the layer '%s'", path);
	o->work = openat(copy, work, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return o->work < 0 ? fail("open", path, "open the layer '%s'", path) : 0;
}

/* The root of an overlay looks as its uppermost directory does. */
static int copy_looks(int from, int to)
{
	struct stat st;

	return fstat(from, &st) < 0 || fchown(to, st.st_uid, st.st_gid) < 0 || fchmod(to, st.st_mode & 07777) < 0 ? -1 : 0;
}

/* looks: of the tmpfs itself, else of the uppermost layer. */
static int add_tmpfs(struct overlay *o, const char *options, bool looks)
{
	_cleanup_close_ int tmpfs = create_mount("tmpfs", "tmpfs", 0, options, NULL);
	_cleanup_close_ int upper = -1;

	if (tmpfs < 0 || hold(o, tmpfs) < 0 || mkdirat(tmpfs, "upper", 0700) < 0 || mkdirat(tmpfs, "work", 0700) < 0)
		return fail("mount", "tmpfs", "make a tmpfs for what is written");
	upper = openat(tmpfs, "upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	o->work = openat(tmpfs, "work", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (upper < 0 || o->work < 0 || copy_looks(looks ? tmpfs : o->lower[o->lowers - 1], upper) < 0)
		return fail("open", "tmpfs", "make a tmpfs for what is written");
	o->upper = take_fd(&upper);
	return 0;
}

static int set_path(int fs, const char *key, int fd)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return (int)syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, key, path, 0);
}

/* Linux before 6.5 takes all lower directories as one string, of 255 characters at the most. */
static int set_lowers_at_once(int fs, const struct overlay *o)
{
	char text[256];
	size_t length = 0;

	for (int i = o->lowers; i--;) {
		length += (size_t)snprintf(text + length, sizeof text - length, "%s/proc/self/fd/%d", length ? ":" : "", o->lower[i]);
		if (length >= sizeof text) {
			errno = E2BIG;
			return -1;
		}
	}
	return (int)syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "lowerdir", text, 0);
}

static int set_lowers(int fs, const struct overlay *o)
{
	/* The uppermost first. */
	for (int i = o->lowers; i--;)
		if (set_path(fs, "lowerdir+", o->lower[i]) < 0)
			return -1;
	return 0;
}

/* A context with an overlay that is made; -1 with errno. */
static int create_overlay(const struct overlay *o, int (*set_layers)(int, const struct overlay *))
{
	_cleanup_close_ int fs = (int)syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC);

	if (fs < 0)
		return -1;
	syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "source", "overlay", 0);
	if (set_layers(fs, o) < 0 || (o->upper >= 0 && (set_path(fs, "upperdir", o->upper) < 0 || set_path(fs, "workdir", o->work) < 0)) ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -1;
	return take_fd(&fs);
}

/* The overlay of what is gathered, detached; -1 with `failure`. */
static int make_overlay(const struct overlay *o, uint64_t flags, const char *target)
{
	_cleanup_close_ int fs = create_overlay(o, set_lowers);
	_cleanup_close_ int mounted = -1;
	struct mount_attr attr = { 0 };

	/* Before 6.5 every option is taken, and what is unknown is told at the end. */
	if (fs < 0 && errno == EINVAL)
		fs = create_overlay(o, set_lowers_at_once);
	if (fs < 0 && errno == ENODEV)
		return fail_create("overlay", "", target, "mount an overlay on '%s'", target);
	if (fs < 0)
		return fail("fsconfig", target, "mount an overlay on '%s'", target);
	mounted = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	set_attributes(flags, &attr);
	if (mounted < 0 || syscall(SYS_mount_setattr, mounted, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		return fail("fsmount", target, "mount an overlay on '%s'", target);
	return take_fd(&mounted);
}

static int gather(const struct container *c, struct overlay *o, const struct op *op)
{
	const char *upper = op_str(op, F_OVERLAY_UPPER), *data = op_str(op, F_OVERLAY_DATA);
	size_t length;
	const char *path = op_bytes(op, F_OVERLAY_LAYERS, &length), *end = path + length;

	if (!length || end[-1])
		return refuse("it has no layers", op_str(op, F_OVERLAY_TARGET), "mount an overlay");
	for (; path < end; path += strlen(path) + 1)
		if (add_lower(c, o, path) < 0)
			return -1;
	if (*upper)
		return add_upper(c, o, upper);
	return *data ? add_tmpfs(o, data, op_u64(op, F_OVERLAY_OPTIONS) & OPT_LOOKS) : 0;
}

int do_overlay(struct container *c, const struct op *op)
{
	const char *target = op_str(op, F_OVERLAY_TARGET);
	struct overlay o = { .upper = -1, .work = -1 };
	bool is_root = c->root < 0;
	_cleanup_close_ int to = is_root ? -1 : open_target(c, target, true, op_u64(op, F_OVERLAY_OPTIONS));
	_cleanup_close_ int mounted = -1;

	if (!is_root && to < 0)
		return -1;
	if (gather(c, &o, op) == 0)
		mounted = make_overlay(&o, op_u64(op, F_OVERLAY_FLAGS), target);
	if (dissolve(&o) < 0 || mounted < 0)
		return -1;
	if ((is_root ? attach_root(c, mounted) : attach_mount(mounted, to)) < 0)
		return fail("move_mount", target, "mount an overlay on '%s'", target);
	if (is_root) {
		c->root_read_only = op_u64(op, F_OVERLAY_OPTIONS) & OPT_READ_ONLY;
		c->root = take_fd(&mounted);
	}
	return 0;
}

int do_root_overlay(struct container *c, const struct op *op)
{
	struct overlay o = { .lower = { c->root }, .lowers = 1, .held = 1, .first = c->root, .upper = -1, .work = -1 };
	_cleanup_close_ int mounted = -1;
	bool dissolved;

	/* The tree is attached already, and is the first of what goes: its place is the overlay's. */
	if (add_tmpfs(&o, op_str(op, F_ROOT_OVERLAY_DATA), false) == 0)
		mounted = make_overlay(&o, 0, "/");
	dissolved = dissolve(&o) == 0;
	c->root = -1;
	if (!dissolved || mounted < 0)
		return -1;
	c->root = take_fd(&mounted);
	return attach_root(c, c->root) < 0 ? fail("move_mount", "/", "attach the root file system") : 0;
}
