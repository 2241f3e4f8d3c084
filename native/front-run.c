/* `ctr run`: what of the command line decides about the container goes to the compiler (or to a plan that it has left); the rest, and
 * the command, stays here. This process is the parent of the container's init until it has ended. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "front.h"
#include "front-run.h"
#include "io.h"
#include "limits.h"
#include "run.h"

#define REBOOT_MS 1000
#define HASTY_MS 5000
#define MOST_HASTY 5

/* Nothing of the caller's flows into the container but 0 to 2, which must be something; and nobody but root looks into this process. */
static void leave_caller(bool report)
{
	unsigned first = report ? 4 : 3;
	int fd;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd < 3)
		;
	if (fd >= 3)
		close(fd);
	if (syscall(SYS_close_range, first, ~0u, 0) < 0)
		for (int i = (int)first; i < 1024; i++)
			close(i);
	if (report)
		fcntl(3, F_SETFD, FD_CLOEXEC);
	signal(SIGPIPE, SIG_IGN);
	umask(022);
	lift_low_limits();
}

static int fail_run(const struct problem *p)
{
	tell_problem("", p);
	return RUN_FAILED;
}

/* The run directory of the name, ours, empty but for the plan. */
static int prepare_box(struct box *box, const struct slot *slot, const char *file, struct problem *p)
{
	int state;

	if (lock_box(box, "run", p) < 0)
		return -1;
	state = settle_box(box, "run", p);
	if (state < 0)
		return -1;
	if (state != BOX_STOPPED)
		return problem(p, "CTR_RUNNING", "cannot run '%s': it is running already", box->name);
	unlinkat(box->dirfd, "plan", 0);
	unlinkat(box->dirfd, "exit", 0);
	if (linkat(slot->dirfd, file, box->dirfd, "plan", 0) < 0)
		return problem(p, "CTR_IO", "cannot run '%s': its plan: %s", box->name, strerror(errno));
	return 0;
}

static int find_run_box(struct box *box, const struct place *place, const char *name, struct problem *p)
{
	char definition[DIR_SIZE + 160];

	box->name = name;
	box->dirfd = box->lock = -1;
	snprintf(box->state_dir, sizeof box->state_dir, "%s/containers/%s", place->state_dir, name);
	snprintf(box->run_dir, sizeof box->run_dir, "%s/containers/%s", place->run_dir, name);
	snprintf(definition, sizeof definition, "%s/definition", box->state_dir);
	if (access(definition, F_OK) < 0)
		return 0;
	problem(p, "CTR_EXISTS", "cannot run '%s': a container of that name is defined", name);
	snprintf(p->hint, sizeof p->hint, "--from %s runs a command on a copy of its root", name);
	return -1;
}

static void remove_box(const struct slot *slot, const struct box *box)
{
	char lock[DIR_SIZE + 160];

	if (keep_spare_dir(slot, box))
		return;

	snprintf(lock, sizeof lock, "%s/lock", box->run_dir);
	unlink(lock);
	rmdir(box->run_dir);
}

/* As of the monitor: at most once each second, and no more than so often in a row after runs that did not last. */
static bool may_reboot(const char *name, int64_t began, int *hasty)
{
	int64_t lasted = monotonic_ms() - began;

	*hasty = lasted < HASTY_MS ? *hasty + 1 : 0;
	if (*hasty > MOST_HASTY) {
		warn("'%s' reboots again and again: it is not started any more", name);
		return false;
	}
	if (lasted < REBOOT_MS)
		usleep((useconds_t)(REBOOT_MS - lasted) * 1000);
	return true;
}

static int run_in_slot(struct words *w, const struct slot *slot, const struct place *place)
{
	static struct box box;
	struct run_request request = { .timeout_ms = w->timeout_ms, .report = w->report, .parent = w->parent };
	char file[PLAN_NAME_SIZE];
	int64_t began;
	struct problem p;
	int status, hasty = 0;

	if (find_run_box(&box, place, w->name ? w->name : slot->name, &p) < 0)
		return fail_run(&p);
	status = ensure_run_compiled(slot, place, box.name, w->plan, file);
	if (status)
		return RUN_FAILED;
	request.command = (struct command){ .argv = w->command, .env = w->env, .env_count = w->env_count, .cwd = w->workdir,
					    .words = w->words, .words_size = w->words_size };
	request.boots = w->boot;
	take_spare_dir(slot, &box);
	do {
		began = monotonic_ms();
		if (prepare_box(&box, slot, file, &p) < 0)
			return fail_run(&p);
		request.dir = box.run_dir;
		request.dirfd = box.dirfd;
		request.lock = box.lock;
		status = run_container(&request);
		close_fd(&box.dirfd);
	} while (status == RUN_REBOOTS && may_reboot(box.name, began, &hasty));
	remove_box(slot, &box);
	return status == RUN_REBOOTS ? RUN_FAILED : status;
}

int front_run(int argc, char **argv)
{
	static struct words w;
	static struct place place;
	static struct slot slot;
	struct problem p;

	if (!read_words(&w, argc, argv))
		exec_node("run", argv + 1);
	front_report = w.report;
	leave_caller(w.report);
	if (w.tty || w.boot || (!w.no_tty && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)))
		add_terminal(&w);
	if (w.boot)
		add_boot(&w);
	if (find_place(&place, &p) < 0 || take_slot(&slot, &place, &p) < 0 || lock_tree(&w, &p) < 0)
		return fail_run(&p);
	if (w.boot && isatty(STDIN_FILENO))
		warn("'%s' boots: ^] three times within a second kills it", w.name ? w.name : slot.name);
	return run_in_slot(&w, &slot, &place);
}
