/* Host phase: cgroups with their limits and device programs, and bridges. Made under the lock of the run directory, because
 * partitions and bridges are shared; undone in reverse order, each step idempotent, by a failed start and by `cleanup`. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "cgroup-remove.h"
#include "container.h"
#include "devices.h"
#include "error.h"
#include "fd.h"
#include "host-files.h"
#include "io.h"
#include "links.h"
#include "unit.h"

#define PATH_SIZE 512

int lock_host(const char *dir)
{
	char path[PATH_SIZE];
	int fd;

	/* DIR is <run>/containers/NAME; the lock is <run>/lock. */
	snprintf(path, sizeof path, "%s/../../lock", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
			;
	return fd;
}

static int make_partition(const char *path)
{
	if (mkdir(path, 0755) == 0)
		return chmod(path, 0755 | MADE_BY_A_START) < 0 ? fail("chmod", path, "make the cgroup '%s'", path) : 0;
	return errno == EEXIST ? 0 : fail("mkdir", path, "make the cgroup '%s'", path);
}

static int make_cgroup(const char *path, uint64_t options)
{
	bool shared = options & OPT_SHARED;

	if (options & OPT_PARTITION)
		return make_partition(path);
	if (mkdir(path, 0755) == 0 || (errno == EEXIST && shared))
		return 0;
	if (errno != EEXIST)
		return fail("mkdir", path, "make the cgroup '%s'", path);
	/* Left over: whoever started it is dead, the caller holds the container's lock. It must go, its limits and owners are not ours. */
	if (rmdir(path) < 0 && remove_cgroup(path) < 0)
		return fail("rmdir", path, "take away the left-over cgroup '%s'", path);
	return mkdir(path, 0755) < 0 ? fail("mkdir", path, "make the cgroup '%s'", path) : 0;
}

static int copy_cpuset_file(const char *group, const char *file)
{
	char path[PATH_SIZE], text[1024] = "";
	_cleanup_close_ int own = -1;
	_cleanup_close_ int parent = -1;
	ssize_t n;

	snprintf(path, sizeof path, "%s/%s", group, file);
	own = open(path, O_RDWR | O_CLOEXEC);
	if (own < 0)
		return fail("open", path, "copy the cpuset of the parent cgroup");
	n = read(own, text, sizeof text - 1);
	if (n > 0 && text[0] != '\n')
		return 0;
	snprintf(path, sizeof path, "%s/../%s", group, file);
	parent = open(path, O_RDONLY | O_CLOEXEC);
	n = parent < 0 ? -1 : read(parent, text, sizeof text - 1);
	if (n <= 0 || write(own, text, (size_t)n) < 0)
		return fail("write", path, "copy the cpuset of the parent cgroup");
	return 0;
}

static int attach_device_program(const struct container *c, const struct op *op)
{
	const char *path = op_str(op, F_CGROUP_DEVICES_PATH);
	size_t length;
	const void *program = fill_device_numbers(c, op, &length);
	_cleanup_close_ int group = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int fd = -1;
	union bpf_attr attr;

	if (!program)
		return -1;
	if (group < 0)
		return fail("open", path, "limit the devices of the container");
	memset(&attr, 0, sizeof attr);
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uint64_t)(uintptr_t)program;
	attr.insn_cnt = (uint32_t)(length / sizeof(struct bpf_insn));
	attr.license = (uint64_t)(uintptr_t) "MIT";
	fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr);
	if (fd < 0)
		return fail("bpf(PROG_LOAD)", path, "limit the devices of the container");
	memset(&attr, 0, sizeof attr);
	attr.target_fd = (uint32_t)group;
	attr.attach_bpf_fd = (uint32_t)fd;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	if (syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof attr) < 0)
		return fail("bpf(PROG_ATTACH)", path, "limit the devices of the container");
	return 0;
}

/* The file that was written last: device rules are written one by one to the same. */
struct limit_file {
	const char *path;
	int fd;
};

static void close_limit_file(struct limit_file *file)
{
	close_fd(&file->fd);
	*file = (struct limit_file){ .fd = -1 };
}

/* Whether the group hands these controllers down already ("+memory +pids"). To write it again would make the kernel look at each group
 * of the whole tree, under the lock of them all. */
static bool hands_down(const char *path, const char *controllers)
{
	char all[256], *rest = all, *word;
	char have[256] = " ";

	if (read_small_file(AT_FDCWD, path, have + 1, sizeof have - 2) <= 0)
		return false;
	have[strcspn(have, "\n")] = ' ';
	snprintf(all, sizeof all, "%s", controllers);
	while ((word = strsep(&rest, " "))) {
		char spaced[64];

		snprintf(spaced, sizeof spaced, " %s ", *word == '+' ? word + 1 : word);
		if (!strstr(have, spaced))
			return false;
	}
	return true;
}

static int set_limit(const struct op *op, struct limit_file *last)
{
	const char *path = op_str(op, F_CGROUP_WRITE_PATH), *value = op_str(op, F_CGROUP_WRITE_VALUE);
	const char *file = strrchr(path, '/');

	file = file ? file + 1 : path;
	if (strcmp(file, "cgroup.subtree_control") == 0 && hands_down(path, value))
		return 0;
	if (!last->path || strcmp(last->path, path) != 0) {
		close_limit_file(last);
		*last = (struct limit_file){ path, openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW) };
	}
	if (last->fd < 0 || write(last->fd, value, strlen(value)) < 0)
		return fail("write", path, "set %s to '%s'", file, value);
	return 0;
}

/* The kernel knows block devices by their numbers, configurations by a path. */
static int limit_block_device(const struct op *op)
{
	const char *path = op_str(op, F_CGROUP_BLKIO_PATH), *device = op_str(op, F_CGROUP_BLKIO_DEVICE);
	const char *file = strrchr(path, '/');
	struct stat st;
	char value[256];

	if (stat(device, &st) < 0)
		return fail("stat", device, "limit the access to '%s'", device);
	if (!S_ISBLK(st.st_mode))
		return refuse("it is no block device", device, "limit the access to '%s'", device);
	snprintf(value, sizeof value, "%u:%u %.200s", major(st.st_rdev), minor(st.st_rdev), op_str(op, F_CGROUP_BLKIO_VALUE));
	if (write_cgroup_file(AT_FDCWD, path, value) < 0)
		return fail("write", path, "set %s of '%s' to '%s'", file ? file + 1 : path, device, value);
	return 0;
}

static bool is_v2_join(const struct op *op)
{
	return op->code == OP_CGROUP_JOIN && op_u64(op, F_CGROUP_JOIN_VERSION) == 2;
}

static int do_host_op(struct container *c, const struct op *op, struct limit_file *last)
{
	switch (op->code) {
	case OP_CGROUP_UNIT:
		return ensure_unit(op);
	case OP_CGROUP_DIR:
		return make_cgroup(op_str(op, F_CGROUP_DIR_PATH), op_u64(op, F_CGROUP_DIR_OPTIONS));
	case OP_CGROUP_WRITE:
		return set_limit(op, last);
	case OP_CGROUP_CPUSET:
		return copy_cpuset_file(op_str(op, F_CGROUP_CPUSET_PATH), "cpuset.cpus") < 0 ||
				       copy_cpuset_file(op_str(op, F_CGROUP_CPUSET_PATH), "cpuset.mems") < 0
			       ? -1
			       : 0;
	case OP_CGROUP_BLKIO:
		return limit_block_device(op);
	case OP_CGROUP_DEVICES:
		return attach_device_program(c, op);
	case OP_CGROUP_DEVICE:
		return allow_device(c, op);
	case OP_CGROUP_OWNER:
		return do_cgroup_owner(op);
	case OP_HOST_DIRECTORY:
		return do_host_directory(op);
	case OP_CGROUP_JOIN:
		if (is_v2_join(op))
			c->v2_dir = open(op_str(op, F_CGROUP_JOIN_PATH), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		return 0;
	case OP_BRIDGE:
		return ensure_bridge(op);
	default:
		return 0;
	}
}

/* Under the lock: an empty partition could go away with somebody else's last container before our group is in it. */
static int make_objects(struct container *c, bool to_v2)
{
	_cleanup_close_ int lock = lock_host(c->dir);
	__attribute__((cleanup(close_limit_file))) struct limit_file last = { .fd = -1 };

	if (lock < 0)
		return fail("open", c->dir, "lock the run directory");
	while (plan_next_in(&c->plan, &c->host_at, PHASE_HOST)) {
		if (do_host_op(c, &c->host_at, &last) < 0)
			return -1;
		if (to_v2 && is_v2_join(&c->host_at))
			break;
	}
	return 0;
}

/* False: there is none. */
static bool find_v2_join(const struct plan *plan, struct op *op)
{
	*op = (struct op){ 0 };
	while (plan_next_of(plan, op, OP_CGROUP_JOIN))
		if (is_v2_join(op))
			return true;
	return false;
}

int make_v2_group(struct container *c)
{
	return find_v2_join(&c->plan, &(struct op){ 0 }) ? make_objects(c, true) : 0;
}

void pass_v2_group(struct container *c)
{
	if (!find_v2_join(&c->plan, &c->host_at))
		c->host_at = (struct op){ 0 };
}

int make_host_objects(struct container *c)
{
	c->host_done = make_objects(c, false) == 0;
	return c->host_done ? 0 : -1;
}
