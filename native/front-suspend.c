/* `ctr suspend`, `resume`: by the freezer of the container's cgroup. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "fd.h"
#include "freezer.h"
#include "front.h"
#include "running.h"

#define TIMEOUT_MS 10000

/* It runs, and its plan is there: `p` says otherwise. */
static int open_box(struct running *r, struct plan *plan, const struct box *box, const char *verb, struct problem *p)
{
	r->init = r->dir = -1;
	if (open_running(r, box->run_dir) < 0) {
		problem(p, "CTR_NOT_RUNNING", "cannot %s '%s': it is not running", verb, box->name);
		snprintf(p->hint, sizeof p->hint, "ctr start %s", box->name);
		return -1;
	}
	if (plan_open(plan, r->dir, "plan") < 0)
		return problem(p, "CTR_BAD_STATE", "cannot %s '%s': the plan it runs by cannot be read", verb, box->name);
	return 0;
}

static int explain(enum freezing result, const struct box *box, bool suspends, long long timeout_ms, struct problem *p)
{
	const char *verb = suspends ? "suspend" : "resume";

	switch (result) {
	case FREEZING_DONE:
		return 0;
	case FREEZING_ENDED:
		return problem(p, "CTR_NOT_RUNNING", "cannot %s '%s': it ended meanwhile", verb, box->name);
	case FREEZING_MISSING:
		problem(p, "CTR_UNSUPPORTED", "cannot %s '%s': it has no cgroup that can be frozen", verb, box->name);
		snprintf(p->hint, sizeof p->hint, "cgroup v2 (Linux 5.2), or v1's controller 'freezer', has to be mounted at its start");
		return -1;
	case FREEZING_LATE:
		if (!suspends)
			return problem(p, "CTR_FREEZE_FAILED", "cannot resume '%s': a group above its cgroup is frozen", box->name);
		problem(p, "CTR_FREEZE_FAILED", "cannot suspend '%s': a process in it is not frozen after %g s; it runs again", box->name,
			(double)timeout_ms / 1000);
		snprintf(p->hint, sizeof p->hint, "--timeout gives it longer: a process that waits for a disk or a server freezes after that");
		return -1;
	default:
		return problem(p, "CTR_IO", "cannot %s '%s': the freezer of its cgroup: %s (%s)", verb, box->name, errno_name(errno),
			       strerror(errno));
	}
}

/* libvirt's rules: what is paused may be suspended again, what runs cannot be resumed. */
static int change(struct box *box, bool suspends, long long timeout_ms, struct problem *p)
{
	const char *verb = suspends ? "suspend" : "resume";
	struct running running;
	static struct plan plan;
	enum freezing result;
	int status = open_box(&running, &plan, box, verb, p);

	if (status == 0 && !suspends && !is_frozen(&plan)) {
		problem(p, "CTR_NOT_PAUSED", "cannot resume '%s': it is not paused", box->name);
		status = -1;
	}
	if (status == 0) {
		result = (suspends ? freeze : unfreeze)(&plan, (int)timeout_ms, running.init);
		status = explain(result, box, suspends, timeout_ms, p);
	}
	close_fd(&running.init);
	close_fd(&running.dir);
	return status;
}

/* Under the lock: nobody starts or sets anything meanwhile. One that does not run is not locked, which would make directories. */
static int change_box(const struct place *place, const char *name, bool suspends, long long timeout_ms, bool only_running)
{
	const char *verb = suspends ? "suspend" : "resume";
	static struct box box;
	struct problem p;
	int status;

	if (find_box(&box, place, verb, name, &p) < 0) {
		tell_problem(name, &p);
		return 1;
	}
	if (look_at_box(&box) == BOX_STOPPED) {
		if (only_running)
			return 0;
		status = problem(&p, "CTR_NOT_RUNNING", "cannot %s '%s': it is not running", verb, name);
		snprintf(p.hint, sizeof p.hint, "ctr start %s", name);
	} else {
		status = lock_box(&box, verb, &p);
		if (status == 0)
			status = change(&box, suspends, timeout_ms, &p);
		unlock_box(&box);
	}
	/* Those of --all that run already have no need of it. */
	if (status < 0 && only_running && strcmp(p.code, "CTR_NOT_PAUSED") == 0)
		return 0;
	if (status == 0) {
		tell_done(name, suspends ? "suspended" : "resumed", "");
		return 0;
	}
	tell_problem(name, &p);
	return 1;
}

int front_suspend(int argc, char **argv)
{
	static struct front_options options;
	static char *names[MAX_NAMES];
	static struct place place;
	bool suspends = strcmp(argv[0], "suspend") == 0;
	struct problem p;
	int count, status = 0;

	if (!read_front_options(&options, argc, argv))
		exec_node(argv[0], argv + 1);
	if (find_place(&place, &p) < 0) {
		tell_problem(options.count ? options.names[0] : "", &p);
		return 1;
	}
	if (options.timeout_ms < 0)
		options.timeout_ms = TIMEOUT_MS;
	count = expand_names(names, MAX_NAMES, &place, options.names, options.count, options.all);
	for (int i = 0; i < count; i++)
		status |= change_box(&place, names[i], suspends, options.timeout_ms, options.all);
	return status;
}
