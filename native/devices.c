#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "beneath.h"
#include "devnodes.h"
#include "error.h"
#include "fd.h"
#include "loop.h"
#include "mounts.h"
#include "scratch.h"

#define FIRST_KEPT_FD 16
#define MAX_INSTRUCTIONS 4096
#define JUMP_UNLESS_EQUAL 0x55

static int find_numbers(const char *source, bool block, dev_t *number)
{
	/* Never opened: opening a device can do things. */
	_cleanup_close_ int fd = open_source(source, 0);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail("open", source, "find the device '%s'", source);
	if (block ? !S_ISBLK(st.st_mode) : !S_ISCHR(st.st_mode))
		return refuse(block ? "it is no block device" : "it is no character device", source, "find the device '%s'", source);
	*number = st.st_rdev;
	return 0;
}

static int make_loop(struct device *device, const char *source, bool read_only)
{
	_cleanup_close_ int loop = attach_loop(source, read_only, 0);
	struct stat st;

	if (loop < 0)
		return -1;
	/* Away from the descriptors that have a meaning for the programs that come after this one. */
	device->loop = fcntl(loop, F_DUPFD_CLOEXEC, FIRST_KEPT_FD);
	if (device->loop < 0 || fstat(loop, &st) < 0)
		return fail("fcntl", source, "hold the loop device of '%s'", source);
	device->number = st.st_rdev;
	return 0;
}

int open_devices(struct container *c)
{
	struct op op = { 0 };

	while (plan_next_of(&c->plan, &op, OP_DEVICE)) {
		struct device *device = &c->devices[c->device_count];
		const char *source = op_str(&op, F_DEVICE_SOURCE);
		uint64_t options = op_u64(&op, F_DEVICE_OPTIONS);

		if (c->device_count == MAX_DEVICES)
			return refuse("a container has at most 128", source, "find the device '%s'", source);
		*device = (struct device){ .block = strcmp(op_str(&op, F_DEVICE_KIND), "block") == 0, .loop = -1 };
		c->device_count++;
		if ((options & OPT_LOOP ? make_loop(device, source, options & OPT_READ_ONLY)
					: find_numbers(source, device->block, &device->number)) < 0)
			return -1;
	}
	return 0;
}

void close_devices(struct container *c)
{
	for (int i = 0; i < c->device_count; i++)
		close_fd(&c->devices[i].loop);
	c->device_count = 0;
}

static const struct device *device_at(const struct container *c, uint64_t index)
{
	if (index < (uint64_t)c->device_count)
		return &c->devices[index];
	refuse("the plan has no such device", "", "use device %llu", (unsigned long long)index);
	return NULL;
}

int allow_device(const struct container *c, const struct op *op)
{
	const struct device *device = device_at(c, op_u64(op, F_CGROUP_DEVICE_DEVICE));
	const char *group = op_str(op, F_CGROUP_DEVICE_PATH);
	char path[512];
	_cleanup_close_ int fd = -1;

	if (!device)
		return -1;
	snprintf(path, sizeof path, "%s/devices.allow", group);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || dprintf(fd, "%c %u:%u %s", device->block ? 'b' : 'c', major(device->number), minor(device->number),
			      op_str(op, F_CGROUP_DEVICE_ACCESS)) < 0)
		return fail("write", path, "allow a device in '%s'", group);
	return 0;
}

const void *fill_device_numbers(const struct container *c, const struct op *op, size_t *length)
{
	static struct bpf_insn program[MAX_INSTRUCTIONS];
	const void *bytes = op_bytes(op, F_CGROUP_DEVICES_PROGRAM, length);

	if (*length > sizeof program) {
		refuse("it has more than 4096 instructions", op_str(op, 0), "limit the devices of the container");
		return NULL;
	}
	memcpy(program, bytes, *length);
	for (size_t i = 0; i < *length / sizeof *program; i++) {
		const struct device *device;

		if (program[i].code != JUMP_UNLESS_EQUAL || !program[i].src_reg)
			continue;
		device = device_at(c, (uint64_t)(uint32_t)program[i].imm);
		if (!device)
			return NULL;
		program[i].imm = (int)(program[i].src_reg == 1 ? major(device->number) : minor(device->number));
		program[i].src_reg = 0;
	}
	return program;
}

/* What delegation means: cgroups(7), "Delegating". The limits of the group itself stay whose they are. */
int do_cgroup_owner(const struct op *op)
{
	static const char *const files_v1[] = { ".", "cgroup.procs", "tasks", NULL };
	static const char *const files_v2[] = { ".", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control", NULL };
	const char *path = op_str(op, F_CGROUP_OWNER_PATH);
	_cleanup_close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return fail("open", path, "delegate the cgroup '%s'", path);
	for (const char *const *file = op_u64(op, F_CGROUP_OWNER_VERSION) == 1 ? files_v1 : files_v2; *file; file++)
		if (fchownat(dir, *file, (uid_t)op_u64(op, F_CGROUP_OWNER_UID), (gid_t)op_u64(op, F_CGROUP_OWNER_GID), 0) < 0)
			return fail("chown", path, "delegate the cgroup '%s'", path);
	return 0;
}

int do_device_node(struct container *c, const struct op *op)
{
	const struct device *device = device_at(c, op_u64(op, F_DEVICE_NODE_DEVICE));

	return !device ? -1
		       : make_node(c, op_str(op, F_DEVICE_NODE_PATH), (mode_t)op_u64(op, F_DEVICE_NODE_MODE), device->number,
				   (uid_t)op_u64(op, F_DEVICE_NODE_UID), (gid_t)op_u64(op, F_DEVICE_NODE_GID));
}

int do_bound_node(struct container *c, const struct op *op)
{
	const char *path = op_str(op, F_BOUND_NODE_PATH), *call = "mknod";
	uint64_t index = op_u64(op, F_BOUND_NODE_DEVICE);
	const struct device *device = index ? device_at(c, index - 1) : NULL;
	dev_t number = device ? device->number : makedev((unsigned)op_u64(op, F_BOUND_NODE_MAJOR), (unsigned)op_u64(op, F_BOUND_NODE_MINOR));
	_cleanup_close_ int target = -1, node = -1, copy = -1;

	if (index && !device)
		return -1;
	node = scratch_node(c, (mode_t)op_u64(op, F_BOUND_NODE_MODE), number, (uid_t)op_u64(op, F_BOUND_NODE_UID),
			    (gid_t)op_u64(op, F_BOUND_NODE_GID));
	if (node < 0)
		return fail(call, path, "make the device node '%s'", path);
	target = open_target(c, path, false, 0);
	if (target < 0)
		return -1;
	copy = copy_mount(node, MS_NOSUID | MS_NOEXEC, -1, &call);
	if (copy < 0)
		return fail(call, path, "bind the device node on '%s'", path);
	return attach_mount(copy, target) < 0 ? fail("move_mount", path, "bind the device node on '%s'", path) : 0;
}
