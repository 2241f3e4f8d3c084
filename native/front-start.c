/* `ctr start NAME…`: a child for each container (front-child.c), several at a time with --jobs, and what they tell. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "front-child.h"
#include "front.h"
#include "limits.h"
#include "unit.h"

#define MAX_JOBS 256

struct job {
	pid_t child;
	int result; /* read end of its pipe */
	const char *name;
};

/* Nothing of the caller's flows into a container or its monitor (but 0 to 2, until the monitor, and the report). */
static void leave_caller(void)
{
	unsigned first = front_report ? 4 : 3;
	sigset_t none;
	int fd;

	/* Nobody but root looks into this process, or finds its memory in a core file; exec makes an end of that. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd < 3)
		;
	if (fd >= 3)
		close(fd);
	if (syscall(SYS_close_range, first, ~0u, 0) < 0)
		for (int i = (int)first; i < 1024; i++)
			close(i);
	if (front_report)
		fcntl(3, F_SETFD, FD_CLOEXEC);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_IGN);
	umask(022);
	lift_low_limits();
}

/* 0, or the exit status of one that did not come so far and has said why. */
static int launch(struct job *job, const struct place *place, const char *name, bool alone)
{
	static struct start start;
	static struct box box;
	struct problem p;
	int pair[2], status;

	job->name = name;
	job->result = -1;
	job->child = -1;
	if (find_box(&box, place, "start", name, &p) < 0) {
		tell_problem(name, &p);
		return 1;
	}
	if (alone && (status = begin_start(&box, &start)))
		return status;
	if (start.opened && geteuid() == 0)
		open_beside(&start.c, &start.word);
	if (pipe2(pair, O_CLOEXEC) < 0 || (job->child = fork_into_monitors()) < 0) {
		problem(&p, "CTR_IO", "cannot start '%s': fork: %s", name, strerror(errno));
		tell_problem(name, &p);
		return 1;
	}
	if (job->child == 0) {
		close(pair[0]);
		if (start.c.beside)
			close(start.word);
		start_box(&box, &start, pair[1]);
	}
	close(pair[1]);
	if (start.c.beside)
		make_beside(&start.c, start.word);
	/* The child holds the lock from here on. */
	if (alone)
		unlock_box(&box);
	job->result = pair[0];
	return 0;
}

static void tell_started(const char *name, const struct outcome *outcome)
{
	char fields[96];

	snprintf(fields, sizeof fields, ",\"pid\":%d,\"monitorPid\":%d,\"ended\":%s", outcome->init, outcome->monitor,
		 outcome->ended ? "true" : "false");
	tell_done(name, "started", fields);
	if (outcome->ended && !front_report)
		fprintf(stderr, "note: '%s' has ended already\nhint: ctr info %s says how\n", name, name);
}

/* 0, or the exit status of a start that failed and has said why. */
static int collect(const struct place *place, struct job *job)
{
	struct outcome outcome;
	ssize_t n;
	int status = 0;

	do
		n = read(job->result, &outcome, sizeof outcome);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)sizeof outcome) {
		if (outcome.ready_ms && await_ready_box(place, job->name, outcome.ready_ms) < 0)
			return 1;
		tell_started(job->name, &outcome);
		return 0;
	}
	while (waitpid(job->child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : 1;
}

/* Index of a job that has something to tell. */
static int await_any(const struct job *jobs, int count)
{
	struct pollfd polled[MAX_JOBS];

	for (int i = 0; i < count; i++)
		polled[i] = (struct pollfd){ .fd = jobs[i].result, .events = POLLIN };
	while (poll(polled, (nfds_t)count, -1) < 0 && errno == EINTR)
		;
	for (int i = 0; i < count; i++)
		if (polled[i].revents)
			return i;
	return 0;
}

static int start_all(const struct place *place, char **names, int count, int max_jobs)
{
	static struct job jobs[MAX_JOBS];
	static const char *failed[MAX_NAMES];
	int running = 0, failures = 0, first_status = 0;

	for (int next = 0; next < count || running;) {
		int status, done;

		if (next < count && running < max_jobs) {
			status = launch(&jobs[running], place, names[next++], count == 1);
			if (status == 0) {
				running++;
				continue;
			}
			failed[failures++] = names[next - 1];
		} else {
			done = await_any(jobs, running);
			status = collect(place, &jobs[done]);
			close(jobs[done].result);
			if (status)
				failed[failures++] = jobs[done].name;
			jobs[done] = jobs[--running];
		}
		if (status && !first_status)
			first_status = status;
	}
	/* Of many, the failures are lost among the rest: they are said once more at the end. */
	if (failures && count > 2 && !front_report) {
		fprintf(stderr, "ctr: %d of %d not started:", failures, count);
		for (int i = 0; i < failures; i++)
			fprintf(stderr, "%s '%s'", i ? "," : "", failed[i]);
		fputc('\n', stderr);
	}
	return first_status;
}

/* --all means those that do not run yet. */
static int leave_out_running(const struct place *place, char **names, int count)
{
	static struct box box;
	struct problem p;
	int kept = 0;

	for (int i = 0; i < count; i++)
		if (find_box(&box, place, "start", names[i], &p) == 0 && look_at_box(&box) == BOX_STOPPED)
			names[kept++] = names[i];
	return kept;
}

/* One for each CPU that we may use: a start computes, and waits for next to nothing. */
static int count_jobs(int asked)
{
	cpu_set_t cpus;

	if (!asked)
		asked = sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
	return asked < MAX_JOBS ? asked : MAX_JOBS;
}

static int join_console(const char *name)
{
	char *arguments[] = { "console", (char *)name, NULL };

	return front_console(2, arguments);
}

int front_start(int argc, char **argv)
{
	static struct front_options options;
	static char *names[MAX_NAMES];
	static struct place place;
	struct problem p;
	int count, status;

	if (!read_front_options(&options, argc, argv) || (options.console && options.count != 1))
		exec_node("start", argv + 1);
	leave_caller();
	if (find_place(&place, &p) < 0) {
		tell_problem(options.names[0], &p);
		return 1;
	}
	count = expand_names(names, MAX_NAMES, &place, options.names, options.count, options.all);
	if (options.all)
		count = leave_out_running(&place, names, count);
	if (count > 1)
		compile_stale(&place, names, count);
	status = start_all(&place, names, count, count_jobs(options.jobs));
	return status || !options.console ? status : join_console(names[0]);
}
