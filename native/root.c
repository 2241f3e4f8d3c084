/* The outer mount namespace: the new root and everything mounted in it, by the starter, with the host's privileges. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "beneath.h"
#include "container.h"
#include "devices.h"
#include "devnodes.h"
#include "error.h"
#include "fd.h"
#include "filesystems.h"
#include "host-files.h"
#include "mounts.h"
#include "overlay.h"
#include "root-forms.h"
#include "scratch.h"
#include "sync.h"

int umount2(const char *target, int flags);
#define MNT_DETACH 2

/* Sealed from the start, with all that is mounted in it: not even a mount point can be made in the tree. */
static uint64_t root_flags(uint64_t options)
{
	return MS_REC | (options & OPT_RECEIVE ? MS_SLAVE : 0) | (options & OPT_SEALED ? MS_RDONLY | MS_NOSUID | MS_NODEV : 0);
}

/* The root is a detached copy of its source, attached on top of "/": no directory of the host is needed for it. */
static int do_root(struct container *c, const struct op *op)
{
	const char *source = op_str(op, F_ROOT_SOURCE), *call;
	/* Who may write to its parent directory could have put a link to any directory of the host there (CVE-2026-48749). */
	_cleanup_close_ int from = open_source(source, O_NOFOLLOW);
	_cleanup_close_ int userns = -1;
	struct stat st;

	if (from < 0 || fstat(from, &st) < 0)
		return fail("open", source, "open the root file system '%s'", source);
	if (S_ISLNK(st.st_mode))
		return refuse("it is a symbolic link", source, "open the root file system '%s'", source);
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return fail("open", source, "open the root file system '%s'", source);
	}
	if (open_id_map(c, op_u64(op, F_ROOT_OPTIONS), &st, -1, &userns) < 0)
		return -1;
	c->root_read_only = op_u64(op, F_ROOT_OPTIONS) & OPT_READ_ONLY;
	c->root = copy_mount(from, root_flags(op_u64(op, F_ROOT_OPTIONS)), userns, &call);
	if (c->root < 0)
		return fail(call, source, "make a mount of the root file system '%s'", source);
	return attach_root(c, c->root) < 0 ? fail("move_mount", source, "attach the root file system '%s'", source) : 0;
}

static int make_root_read_only(const struct container *c)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	if (!c->root_read_only)
		return 0;
	/* The root's own mount; what the plan has mounted below it says for itself whether it is read-only. */
	if (syscall(SYS_mount_setattr, c->root, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		return fail("mount_setattr", "/", "make the root read-only");
	return 0;
}

/* pivot_root(2), "pivot_root(".", ".")": the old root comes to lie on top of the new one, and one detach removes it. The kernel
 * moves every process whose root was the old one: init, too, which waits in this mount namespace. */
static int do_pivot(struct container *c)
{
	if (drop_scratch(c) < 0)
		return fail("umount2", "tmpfs", "take away the nodes that were bound");
	if (make_root_read_only(c) < 0)
		return -1;
	if (fchdir(c->root) < 0)
		return fail("fchdir", "/", "change to the new root");
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return fail("pivot_root", "/", "pivot into the new root");
	if (umount2(".", MNT_DETACH) < 0)
		return fail("umount2", "/", "detach the old root");
	return 0;
}

static int do_mount_op(struct container *c, const struct op *op)
{
	switch (op->code) {
	case OP_ROOT:
		return do_root(c, op);
	case OP_DETACH:
		return do_detach(c, op);
	case OP_MOUNT:
		return do_mount(c, op);
	case OP_BIND:
		return do_bind(c, op);
	case OP_NODE:
		return do_node(c, op);
	case OP_SYMLINK:
		return do_symlink(c, op);
	case OP_DIRECTORY:
		return do_directory(c, op);
	case OP_CONSOLE:
		return do_console(c, op);
	case OP_MASK:
		return do_mask(c, op);
	case OP_READ_ONLY:
		return do_read_only(c, op);
	case OP_MOUNT_DEVICE:
		return do_mount_device(c, op);
	case OP_OVERLAY:
		return do_overlay(c, op);
	case OP_INACCESSIBLE:
		return do_inaccessible(c, op);
	case OP_ROOT_DEVICE:
		return do_root_device(c, op);
	case OP_ROOT_OVERLAY:
		return do_root_overlay(c, op);
	case OP_ROOT_USR:
		return do_root_usr(c, op);
	case OP_ROOT_EMPTY:
		return do_root_empty(c, op);
	case OP_DEVICE_NODE:
		return do_device_node(c, op);
	case OP_BOUND_NODE:
		return do_bound_node(c, op);
	case OP_COPY_FILE:
		return do_copy_file(c, op);
	case OP_WRITE_FILE:
		return do_write_file(c, op);
	case OP_COPY_LINK:
		return do_copy_link(c, op);
	case OP_REMOVE:
		return do_remove(c, op);
	case OP_NOTIFY:
		return do_notify(c, op);
	case OP_PIVOT:
		return await_settled(c) < 0 || run_mount_hooks(c) < 0 ? -1 : do_pivot(c);
	default:
		return 0;
	}
}

/* The options of what a start can do without. */
static uint64_t options_of(const struct op *op)
{
	switch (op->code) {
	case OP_MOUNT:
		return op_u64(op, F_MOUNT_OPTIONS);
	case OP_BIND:
		return op_u64(op, F_BIND_OPTIONS);
	case OP_MOUNT_DEVICE:
		return op_u64(op, F_MOUNT_DEVICE_OPTIONS);
	case OP_OVERLAY:
		return op_u64(op, F_OVERLAY_OPTIONS);
	case OP_INACCESSIBLE:
		return op_u64(op, F_INACCESSIBLE_OPTIONS);
	case OP_COPY_FILE:
		return op_u64(op, F_COPY_FILE_OPTIONS);
	case OP_WRITE_FILE:
		return op_u64(op, F_WRITE_FILE_OPTIONS);
	case OP_COPY_LINK:
		return op_u64(op, F_COPY_LINK_OPTIONS);
	case OP_REMOVE:
		return op_u64(op, F_REMOVE_OPTIONS);
	default:
		return 0;
	}
}

static int try_mount_op(struct container *c, const struct op *op)
{
	uint64_t options = options_of(op);

	if (options & OPT_ELSE && c->done)
		return 0;
	c->done = do_mount_op(c, op) == 0;
	if (c->done || !(options & OPT_IF_POSSIBLE))
		return c->done ? 0 : -1;
	memset(&failure, 0, sizeof failure);
	return 0;
}

static bool lies_in(const char *path, const char *top)
{
	size_t length = strlen(top);

	return strncmp(path, top, length) == 0 && path[length] == '/';
}

/* An operation that touches nothing but what lies in that directory. */
static bool is_within(const struct op *op, const char *top)
{
	if (options_of(op) & OPT_ELSE)
		return false;
	switch (op->code) {
	case OP_MOUNT:
		return lies_in(op_str(op, F_MOUNT_TARGET), top);
	case OP_BIND:
		return !(op_u64(op, F_BIND_OPTIONS) & OPT_INSIDE) && lies_in(op_str(op, F_BIND_TARGET), top);
	case OP_MASK:
		return lies_in(op_str(op, F_MASK_PATH), top);
	case OP_READ_ONLY:
		return lies_in(op_str(op, F_READ_ONLY_PATH), top);
	default:
		return false;
	}
}

/* sysfs has to wait for init's network namespace, the longest of all steps. What comes behind it and touches /proc alone does not: it
 * is done first, as far as all that it passes by touches /sys alone. Gives the end of the part where those of /proc are done. */
static int build_proc_first(struct container *c, const struct op *sysfs, size_t *until)
{
	struct op op = *sysfs;

	*until = op.next;
	while (plan_next_in(&c->plan, &op, PHASE_MOUNT) && (is_within(&op, "/proc") || is_within(&op, "/sys"))) {
		if (is_within(&op, "/proc") && try_mount_op(c, &op) < 0)
			return -1;
		*until = op.next;
	}
	return 0;
}

static bool is_sysfs(const struct op *op)
{
	return op->code == OP_MOUNT && strcmp(op_str(op, F_MOUNT_FSTYPE), "sysfs") == 0 &&
	       strcmp(op_str(op, F_MOUNT_TARGET), "/sys") == 0;
}

int build_root(struct container *c)
{
	struct op op = { 0 };
	size_t until = 0;

	if ((plan_has(&c->plan, OP_HOOK) && await_host_objects(c) < 0) || run_start_hooks(c, "pre-mount", "creating") < 0)
		return -1;
	while (plan_next_in(&c->plan, &op, PHASE_MOUNT)) {
		if (op.next <= until && is_within(&op, "/proc"))
			continue;
		if (is_sysfs(&op) && c->clone_flags & CLONE_NEWNET && build_proc_first(c, &op, &until) < 0)
			return -1;
		if (try_mount_op(c, &op) < 0)
			return -1;
	}
	return 0;
}
