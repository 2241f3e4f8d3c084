/* `ctr stop`, `shutdown`, `destroy`: three ways to end running containers. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "front.h"
#include "plan.h"
#include "running.h"
#include "stop.h"

#define STOP_TIMEOUT_MS 10000
#define SHUTDOWN_TIMEOUT_MS 60000

struct manner {
	const char *verb; /* in messages */
	long long timeout_ms;
	bool asks, kills;
};

static struct manner manner_of(const char *verb, const struct front_options *o)
{
	struct manner m = { .verb = "stop", .timeout_ms = STOP_TIMEOUT_MS, .asks = true, .kills = true };

	if (strcmp(verb, "shutdown") == 0) {
		m.verb = "shut down";
		m.timeout_ms = SHUTDOWN_TIMEOUT_MS;
		m.kills = false;
	} else if (strcmp(verb, "destroy") == 0) {
		m.verb = "destroy";
		m.asks = false;
	}
	if (o->force)
		m.asks = false;
	if (o->timeout_ms >= 0)
		m.timeout_ms = o->timeout_ms;
	return m;
}

/* The signal of the plan it runs by, 0 when it has none. */
static int planned_signal(const struct running *r, uint16_t code)
{
	struct op op = { 0 };
	struct plan plan;

	/* Each of these has the one field. */
	return plan_open(&plan, r->dir, "plan") == 0 && plan_next_of(&plan, &op, code) ? (int)op_u64(&op, F_STOP_SIGNAL_SIGNAL) : 0;
}

/* What asks this init to end; 0: nothing. Who only kills sends what the definition has for that, if it is not SIGKILL. */
static int signal_for(const struct box *box, bool asks)
{
	struct running r;
	int chosen = 0;

	if (open_running(&r, box->run_dir) == 0) {
		chosen = asks ? choose_stop_signal(r.state.init, planned_signal(&r, OP_STOP_SIGNAL))
			      : planned_signal(&r, OP_KILL_SIGNAL);
		if (!asks && chosen == SIGKILL)
			chosen = 0;
		close(r.init);
	}
	if (r.dir >= 0)
		close(r.dir);
	return chosen;
}

/* A container whose monitor is lost, or that is just being started: only the lock tells. 1: it was ended here. */
static int find_running(struct box *box, const struct manner *m, struct problem *p)
{
	enum box_state seen = look_at_box(box);
	bool had_state;
	int state;

	/* Its monitor is asked not to start it again, if that is what it is about. */
	if (seen == BOX_RUNNING || seen == BOX_BETWEEN)
		return 0;
	if (lock_box(box, m->verb, p) < 0)
		return -1;
	had_state = faccessat(box->dirfd, "state", F_OK, 0) == 0 &&
		    (look_at_box(box) == BOX_STOPPED || look_at_box(box) == BOX_PRESERVED);
	state = settle_box(box, m->verb, p);
	unlock_box(box);
	if (state < 0)
		return -1;
	if (state == BOX_RUNNING)
		return 0;
	return had_state ? 1 : problem(p, "CTR_NOT_RUNNING", "cannot %s '%s': it is not running", m->verb, box->name);
}

static int end_box(struct box *box, const struct manner *m, const char **outcome, struct problem *p)
{
	int found = find_running(box, m, p), chosen;
	const char *why;

	*outcome = "killed";
	if (found)
		return found < 0 ? -1 : 0;
	chosen = signal_for(box, m->asks);
	if (!chosen && !m->kills)
		return problem(p, "CTR_STOP_FAILED", "cannot %s '%s': its init listens to no stop signal", m->verb, box->name);
	/* Nobody waits for an init that does not listen. */
	switch (stop_container(box->run_dir, chosen, chosen ? (uint64_t)m->timeout_ms : 0, m->kills, &why)) {
	case STOP_STOPPED:
		*outcome = "stopped";
		return 0;
	case STOP_KILLED:
		return 0;
	case STOP_NOT_RUNNING:
		return problem(p, "CTR_NOT_RUNNING", "cannot %s '%s': it ended by itself meanwhile", m->verb, box->name);
	default:
		problem(p, "CTR_STOP_FAILED", "cannot %s '%s': %s", m->verb, box->name, why);
		if (!m->kills)
			snprintf(p->hint, sizeof p->hint, "ctr stop %s kills it when it does not end", box->name);
		return -1;
	}
}

/* A monitor that was killed meanwhile leaves things to take away. */
static int finish(struct box *box, const struct manner *m, struct problem *p)
{
	char path[DIR_SIZE + 160];
	int state;

	snprintf(path, sizeof path, "%s/state", box->run_dir);
	if (access(path, F_OK) < 0)
		return 0;
	if (lock_box(box, m->verb, p) < 0)
		return -1;
	state = settle_box(box, m->verb, p);
	unlock_box(box);
	return state < 0 ? -1 : 0;
}

/* 0 when it was ended, or did not run and --all means those that do. */
static int stop_box(const struct place *place, const char *name, const struct manner *m, bool only_running)
{
	static struct box box;
	const char *outcome;
	struct problem p;

	if (find_box(&box, place, m->verb, name, &p) == 0) {
		if (only_running && look_at_box(&box) == BOX_STOPPED)
			return 0;
		if (end_box(&box, m, &outcome, &p) == 0 && finish(&box, m, &p) == 0) {
			tell_done(name, outcome, "");
			return 0;
		}
	}
	tell_problem(name, &p);
	return 1;
}

int front_stop(int argc, char **argv)
{
	static struct front_options options;
	static char *names[MAX_NAMES];
	static struct place place;
	struct manner m;
	struct problem p;
	int count, status = 0;

	if (!read_front_options(&options, argc, argv))
		exec_node(argv[0], argv + 1);
	m = manner_of(argv[0], &options);
	if (find_place(&place, &p) < 0) {
		tell_problem(options.count ? options.names[0] : "", &p);
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	count = expand_names(names, MAX_NAMES, &place, options.names, options.count, options.all);
	for (int i = 0; i < count; i++)
		status |= stop_box(&place, names[i], &m, options.all);
	return status;
}
