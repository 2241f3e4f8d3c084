/* The container's side of `cp`: beneath the root of init where there is one, with the ids and the rights of root inside; of a stopped
 * container beneath the directory that would be its root. */
#include "cp.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "beneath.h"
#include "error.h"
#include "fd.h"
#include "first-stage.h"
#include "running.h"

#define STEP "reach its root"

static bool is_own_userns(pid_t init)
{
	struct stat own, its;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/ns/user", init);
	return stat("/proc/self/ns/user", &own) == 0 && stat(path, &its) == 0 && own.st_ino == its.st_ino && own.st_dev == its.st_dev;
}

/* Root inside, who is nobody on the host. */
static int become_root_inside(const struct running *r)
{
	if (is_own_userns(r->state.init))
		return 0;
	if (setns(r->init, CLONE_NEWUSER) < 0)
		return fail("setns", r->name, STEP);
	/* Denied in the user namespace of an ordinary user: then there are none to lose. */
	syscall(SYS_setgroups, (size_t)0, NULL);
	if (syscall(SYS_setresgid, 0, 0, 0) < 0 || syscall(SYS_setresuid, 0, 0, 0) < 0)
		return fail("setresuid", r->name, STEP);
	return 0;
}

static int open_init_root(struct cp_side *s, struct plan *plan, const char *run_dir)
{
	struct running r;
	char path[64];

	if (open_running(&r, run_dir) < 0)
		return errno == ESRCH ? refuse("it is not running", run_dir, STEP) : fail("state", run_dir, STEP);
	if (plan_open(plan, r.dir, "plan") < 0)
		return -1;
	if (needs_first_stage(plan) && join_first_stage(r.state.init) < 0)
		return fail("setns", r.name, STEP);
	snprintf(path, sizeof path, "/proc/%d/root", r.state.init);
	s->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s->root < 0)
		return fail("open", path, STEP);
	if (has_ended(r.init))
		return refuse("it is not running", run_dir, STEP);
	return become_root_inside(&r);
}

static int open_stopped_root(struct cp_side *s, const struct plan *plan)
{
	static const uint16_t others[] = { OP_ROOT_DEVICE, OP_ROOT_OVERLAY, OP_ROOT_USR, OP_ROOT_EMPTY };
	struct op op = { 0 };
	struct stat st;
	uint64_t options;

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (plan_has(plan, others[i]))
			return refuse("its root is no plain directory: it has to run", s->name, STEP);
	if (!plan_next_of(plan, &op, OP_ROOT))
		return refuse("it has no root of its own", s->name, STEP);
	options = op_u64(&op, F_ROOT_OPTIONS);
	if (options & (OPT_MAP_ROOT | OPT_MAP_OWNER | OPT_MAP_USER | OPT_MAP_TARGET))
		return refuse("the ids of its root depend on its start: it has to run", s->name, STEP);
	s->root = open_source(op_str(&op, F_ROOT_SOURCE), O_NOFOLLOW);
	if (s->root < 0 || fstat(s->root, &st) < 0)
		return fail("open", op_str(&op, F_ROOT_SOURCE), STEP);
	if (!S_ISDIR(st.st_mode))
		return refuse("it is no directory", op_str(&op, F_ROOT_SOURCE), STEP);
	if (plan_clone_flags(plan) & CLONE_NEWUSER && !(options & OPT_IDMAPPED))
		s->disk_ids = plan;
	return 0;
}

int cp_go_inside(struct cp_side *s, struct plan *plan, const char *run_dir, bool running)
{
	int result = running ? open_init_root(s, plan, run_dir) : open_stopped_root(s, plan);

	/* A change of credentials may have made this process traceable. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return result;
}
