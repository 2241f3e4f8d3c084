#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"

/* As the kernel takes it: without libc's own idea of infinity. */
struct limit {
	uint64_t soft, hard;
};

static int call_prlimit(pid_t pid, uint64_t resource, const struct limit *new, struct limit *old)
{
	return (int)syscall(SYS_prlimit64, pid, (int)resource, new, old);
}

static const char *limit_text(uint64_t value, char *text, size_t size)
{
	if (value == UINT64_MAX)
		return "infinity";
	snprintf(text, size, "%llu", (unsigned long long)value);
	return text;
}

static int fail_limit(const struct op *op, const struct limit *old)
{
	char soft[24], hard[24], old_soft[24], old_hard[24];

	return fail("prlimit", op_str(op, F_RLIMIT_NAME), "set the limit '%s' from %s:%s to %s:%s", op_str(op, F_RLIMIT_NAME),
		    limit_text(old->soft, old_soft, sizeof old_soft), limit_text(old->hard, old_hard, sizeof old_hard),
		    limit_text(op_u64(op, F_RLIMIT_SOFT), soft, sizeof soft),
		    limit_text(op_u64(op, F_RLIMIT_HARD), hard, sizeof hard));
}

/* Only CAP_SYS_RESOURCE of the host's user namespace raises a hard limit. The soft one stays: the start still needs its files. */
static int raise_limit(const struct op *op, pid_t pid)
{
	uint64_t resource = op_u64(op, F_RLIMIT_RESOURCE);
	struct limit old = { 0 }, new;

	if (call_prlimit(pid, resource, NULL, &old) < 0)
		return fail_limit(op, &old);
	if (op_u64(op, F_RLIMIT_HARD) <= old.hard)
		return 0;
	new = (struct limit){ old.soft, op_u64(op, F_RLIMIT_HARD) };
	return call_prlimit(pid, resource, &new, NULL) < 0 ? fail_limit(op, &old) : 0;
}

static int set_limit(const struct op *op)
{
	struct limit old = { 0 }, new = { op_u64(op, F_RLIMIT_SOFT), op_u64(op, F_RLIMIT_HARD) };

	if (call_prlimit(0, op_u64(op, F_RLIMIT_RESOURCE), &new, &old) < 0) {
		int err = errno;

		call_prlimit(0, op_u64(op, F_RLIMIT_RESOURCE), NULL, &old);
		errno = err;
		return fail_limit(op, &old);
	}
	return 0;
}

static int write_proc_file(const struct op *op, pid_t pid)
{
	const char *file = op_str(op, F_PROC_FILE_FILE), *value = op_str(op, F_PROC_FILE_VALUE);
	_cleanup_close_ int fd = -1;
	char path[128];

	snprintf(path, sizeof path, "/proc/%d/%.80s", pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		return fail("write", path, "set %s of init to '%s'", file, value);
	return 0;
}

int set_outer_attributes(const struct plan *plan, pid_t pid)
{
	struct op files = { 0 }, nice = { 0 }, limit = { 0 };
	int result = 0;

	while (result == 0 && plan_next_of(plan, &files, OP_PROC_FILE))
		result = write_proc_file(&files, pid);
	while (result == 0 && plan_next_of(plan, &nice, OP_NICE))
		if (setpriority(PRIO_PROCESS, (id_t)pid, atoi(op_str(&nice, F_NICE_VALUE))) < 0)
			result = fail("setpriority", op_str(&nice, F_NICE_VALUE), "set the nice value to %s", op_str(&nice, F_NICE_VALUE));
	while (result == 0 && plan_next_of(plan, &limit, OP_RLIMIT))
		result = raise_limit(&limit, pid);
	return result;
}

static int set_affinity(const struct op *op)
{
	size_t size;
	const void *mask = op_bytes(op, F_AFFINITY_MASK, &size);

	if (syscall(SYS_sched_setaffinity, 0, size, mask) < 0)
		return fail("sched_setaffinity", "", "run on the CPUs of the configuration");
	return 0;
}

static int set_memory_policy(const struct op *op)
{
	size_t size;
	const void *nodes = op_bytes(op, F_MEMORY_POLICY_NODES, &size);

	/* The kernel reads one bit less than it is told. */
	if (syscall(SYS_set_mempolicy, (int)op_u64(op, F_MEMORY_POLICY_MODE), nodes, 8 * size + 1) < 0)
		return fail("set_mempolicy", "", "take memory from the nodes of the configuration");
	return 0;
}

int set_own_attributes(const struct plan *plan)
{
	struct op affinity = { 0 }, policy = { 0 }, mask = { 0 }, limit = { 0 };
	int result = 0;

	while (result == 0 && plan_next_of(plan, &affinity, OP_AFFINITY))
		result = set_affinity(&affinity);
	while (result == 0 && plan_next_of(plan, &policy, OP_MEMORY_POLICY))
		result = set_memory_policy(&policy);
	while (plan_next_of(plan, &mask, OP_UMASK))
		umask((mode_t)op_u64(&mask, F_UMASK_MASK));
	while (result == 0 && plan_next_of(plan, &limit, OP_RLIMIT))
		result = set_limit(&limit);
	return result;
}
