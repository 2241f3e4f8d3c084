/* The child that starts one container: it takes the lock, brings the plan up to date, executes it, tells the outcome and becomes
 * the monitor. */
#include "front-child.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "container.h"
#include "error.h"
#include "json.h"
#include "running.h"
#include "supervise.h"
#include "unit.h"

#define CALLER_MS 2

/* The plan of this run is `plan`: another name of `compiled` as it is now, which a later definition replaces but never changes. */
static int adopt_compiled(const struct box *box)
{
	static const char *const files[][2] = { { "compiled", "plan" }, { "compiled.definition", "definition" } };

	/* A plan without an exit record is a start that was cut off: whoever comes next cleans up after it. */
	unlinkat(box->dirfd, "exit", 0);
	for (int i = 0; i < 2; i++) {
		if (unlinkat(box->dirfd, files[i][1], 0) < 0 && errno != ENOENT)
			return fail("unlink", files[i][1], "make ready the run directory");
		if (linkat(box->dirfd, files[i][0], box->dirfd, files[i][1], 0) < 0)
			return fail("link", files[i][1], "make ready the run directory");
	}
	return 0;
}

static void disown_compiled(const struct box *box)
{
	unlinkat(box->dirfd, "plan", 0);
	unlinkat(box->dirfd, "definition", 0);
	unlinkat(box->dirfd, "monitor.sock", 0);
}

/* Takes what is compiled; -1 with `failure`. */
static int open_compiled(const struct box *box, struct container *c)
{
	memset(&failure, 0, sizeof failure);
	memset(c, 0, sizeof *c);
	c->dir = box->run_dir;
	c->dirfd = box->dirfd;
	return adopt_compiled(box) < 0 ? -1 : plan_open(&c->plan, box->dirfd, "plan");
}

/* Executes it; -1 with `failure`. */
static int execute(const struct box *box, struct start *start, struct supervision *s)
{
	if (start->opened && start_in_stage(&start->c, s) == 0)
		return 0;
	disown_compiled(box);
	return -1;
}

/* What the compiler makes of it now. */
static int execute_again(const struct box *box, struct start *start, struct supervision *s)
{
	start->opened = open_compiled(box, &start->c) == 0;
	return execute(box, start, s);
}

static bool same_bytes(int dirfd, const struct plan *before)
{
	struct plan now;
	struct failure kept = failure;
	bool same = plan_open(&now, dirfd, "compiled") == 0 && now.size == before->size &&
		    memcmp(now.bytes, before->bytes, now.size) == 0;

	failure = kept;
	return same;
}

/* A cached plan was refused (cut short, bits flipped) or failed. What the host offers may have changed in a way that its key does
 * not show: when the compiler comes to another plan, that one is tried. */
static bool recompile(struct box *box, const struct plan *tried)
{
	int status;

	if (!has_node())
		return false;
	status = compile_box(box);
	if (status)
		_exit(status);
	return !tried->bytes || !same_bytes(box->dirfd, tried);
}

static _Noreturn void explain(const struct box *box)
{
	struct json j = { .length = 0 };
	char text[sizeof j.bytes + 1];

	json_add_failure(&j, &failure);
	snprintf(text, sizeof text, "%.*s", (int)j.length, j.bytes);
	if (has_node()) {
		char *arguments[] = { (char *)box->name, text, front_report ? "--report" : NULL, NULL };

		exec_node("explain-start", arguments);
	}
	struct problem p;

	problem(&p, "CTR_START_FAILED", "cannot start '%s': %s%s%s: %s", box->name, failure.step, *failure.call ? ": " : "",
		failure.call, failure.err ? strerror(failure.err) : failure.reason);
	tell_problem(box->name, &p);
	_exit(1);
}

static uint64_t ready_timeout(const struct plan *plan)
{
	struct op op = { 0 };

	return plan_next_of(plan, &op, OP_NOTIFY) ? op_u64(&op, F_NOTIFY_TIMEOUT) : 0;
}

/* The rest is for nobody who waits: the command that does gets this CPU. Its end closes the pipe; a command that is stopped does not. */
static void let_caller_go(int result)
{
	struct pollfd pipe = { .fd = result };

	poll(&pipe, 1, CALLER_MS);
}

int begin_start(struct box *box, struct start *start)
{
	struct problem p;
	int state, status;

	if (lock_box(box, "start", &p) < 0 || (state = settle_box(box, "start", &p)) < 0) {
		tell_problem(box->name, &p);
		return 1;
	}
	if (state == BOX_RUNNING) {
		problem(&p, "CTR_RUNNING", "cannot start '%s': it is running already", box->name);
		tell_problem(box->name, &p);
		return 1;
	}
	status = ensure_compiled(box, &start->cached);
	if (status)
		return status;
	start->opened = open_compiled(box, &start->c) == 0;
	start->ready = true;
	return 0;
}

_Noreturn void start_box(struct box *box, struct start *start, int result)
{
	struct supervision supervision;
	struct container *c = &start->c;
	struct outcome outcome;
	int status = start->ready ? 0 : begin_start(box, start);

	if (status)
		_exit(status);
	setsid();
	if (execute(box, start, &supervision) < 0) {
		if (!start->cached || !recompile(box, &c->plan) || execute_again(box, start, &supervision) < 0)
			explain(box);
	}
	outcome = (struct outcome){ .init = c->init, .monitor = getpid(), .ended = has_ended(c->init_pidfd),
			.ready_ms = ready_timeout(&c->plan) };
	if (write(result, &outcome, sizeof outcome) < 0)
		_exit(1);
	let_caller_go(result);
	join_monitors(&c->plan);
	become_monitor(&supervision, c);
}
