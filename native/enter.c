/* `enter`: a process in a running container, as the user it names and with the capabilities and the filter of the stored plan.
 * Options: enter-options.c. Exit status: that of the process, 128+n when signal n ended it, 127 not found, 126 cannot be run, 125
 * anything else. */
#include "enter.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "commands.h"
#include "error.h"
#include "fd.h"
#include "first-stage.h"
#include "freezer.h"
#include "io.h"
#include "limits.h"
#include "procfs.h"
#include "relay.h"
#include "terminal.h"

static struct entering entering;

void (*entering_refused)(int status, const char *reason);

_Noreturn void end_entering(int status, int err, const char *format, ...)
{
	char reason[640];
	va_list args;
	int used;

	va_start(args, format);
	used = vsnprintf(reason, sizeof reason, format, args);
	va_end(args);
	if (err && used >= 0 && (size_t)used < sizeof reason)
		snprintf(reason + used, sizeof reason - (size_t)used, ": %s (%s)", errno_name(err), strerror(err));
	if (entering_refused)
		entering_refused(status, reason);
	die(status, "cannot enter '%s': %s", entering.container.name, reason);
}

_Noreturn void refuse_enter(const char *reason)
{
	end_entering(ENTER_FAILED, 0, "%s", reason);
}

_Noreturn void fail_enter(const char *call)
{
	end_entering(ENTER_FAILED, errno, "%s", call);
}

/* Whether a process inside may act as root of the host's user namespace. */
static bool maps_host_root(const struct plan *plan)
{
	struct op op = { 0 };

	if (!(plan_clone_flags(plan) & CLONE_NEWUSER))
		return true;
	while (plan_next_of(plan, &op, OP_IDMAP))
		if (op_u64(&op, F_IDMAP_OUTSIDE) == 0 && strcmp(op_str(&op, F_IDMAP_KIND), "uid") == 0)
			return true;
	return false;
}

static void open_container(const struct enter_options *o, char **main_argv)
{
	struct entering *e = &entering;
	char path[64];

	if (open_running(&e->container, o->dir) < 0) {
		if (errno == ESRCH)
			refuse_enter("the container is not running");
		fail_enter("state");
	}
	if (plan_open(&e->plan, e->container.dir, "plan") < 0)
		refuse_enter("the plan it runs by cannot be read: it is damaged");
	/* Ids of the plan are those of the first stage, and so are the rights that its owner needs. */
	if (needs_first_stage(&e->plan) && join_first_stage(e->container.state.init) < 0)
		fail_enter("setns");
	if (is_frozen(&e->plan))
		end_entering(ENTER_FAILED, 0, "it is paused\nhint: ctr resume %s", e->container.name);
	if (maps_host_root(&e->plan) && run_sealed(main_argv) < 0)
		fail_enter("memfd_create");
	snprintf(path, sizeof path, "/proc/%d/root", e->container.state.init);
	e->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	e->procfs = open_procfs_for(&e->plan, false);
	if (e->procfs == -2)
		fail_enter("/proc");
	if (e->root < 0 || has_ended(e->container.init))
		refuse_enter("the container is not running");
}

/* Capabilities that outlive a change of user were given to that user alone. */
static bool is_user_of_init(struct entering *e)
{
	struct credentials of_init = { 0 };
	struct op op = { 0 };

	if (plan_next_of(&e->plan, &op, OP_USER) &&
	    lookup_init_user(e->root, op_str(&op, F_USER_USER), op_str(&op, F_USER_GROUP), &of_init))
		return false;
	return of_init.uid == e->user.uid;
}

static void choose_user(const struct enter_options *o)
{
	struct entering *e = &entering;
	const char *who = o->user ? o->user : "0";
	const char *reason = lookup_user(e->root, who, &e->user);

	if (reason)
		end_entering(ENTER_FAILED, 0, "user '%s': %s", who, reason);
	if (plan_host_id(&e->plan, "uid", e->user.uid) < 0)
		end_entering(ENTER_FAILED, 0, "user '%s': its id map has no uid %u", who, e->user.uid);
	if (plan_host_id(&e->plan, "gid", e->user.gid) < 0)
		end_entering(ENTER_FAILED, 0, "user '%s': its id map has no gid %u", who, e->user.gid);
	credentials_from_plan(&e->credentials, &e->plan);
	if (o->without & WITHOUT_CAPABILITIES)
		e->credentials.has_caps = false;
	if (o->without & WITHOUT_SECCOMP)
		e->credentials.filter_count = e->credentials.no_new_privs = 0;
	if (e->credentials.ambient | e->credentials.inheritable && !is_user_of_init(e))
		e->credentials.ambient = e->credentials.inheritable = 0;
	e->credentials.uid = e->user.uid;
	e->credentials.gid = e->user.gid;
	/* A group without an id in the map has nothing inside that it could give access to. */
	for (int i = 0; i < e->user.ngroups; i++)
		if (plan_host_id(&e->plan, "gid", e->user.groups[i]) >= 0)
			e->credentials.groups[e->credentials.ngroups++] = e->user.groups[i];
}

static void choose_program(const struct enter_options *o)
{
	static char below_home[sizeof entering.user.home + 4096];
	struct entering *e = &entering;
	const char *reason;

	e->without = o->without;
	e->detached = o->detach;
	e->terminal = !o->no_terminal && !o->detach && (o->terminal || (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)));
	e->argv = o->command;
	e->cwd_is_home = !o->cwd && (o->at_home || !o->command);
	e->cwd = o->cwd ? o->cwd : e->cwd_is_home ? e->user.home : "/";
	if (e->cwd[0] != '/') {
		snprintf(below_home, sizeof below_home, "%s/%s", e->user.home, e->cwd);
		e->cwd = below_home;
	}
	reason = build_environment(e, o->extra, o->extra_count);
	if (reason)
		refuse_enter(reason);
}

static void make_socket_pair(int *ours, int *theirs)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		fail_enter("socketpair");
	*ours = pair[0];
	*theirs = pair[1];
}

static void close_childs_ends(void)
{
	struct entering *e = &entering;

	for (int i = 0; i < 3; i++)
		if (i == 0 || e->stdio[i] != e->stdio[0])
			close(e->stdio[i]);
	close(e->report);
	close(e->control);
	close(e->root);
}

/* Dead and not reaped it would count in the container's limit of processes until somebody else reaps it. */
static void reap(pid_t waiter)
{
	while (waitpid(waiter, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Returns when exec has succeeded (or the process has been killed before): then there is no report, but its end. */
static void await_exec(int report, pid_t waiter)
{
	struct refusal refusal;
	ssize_t n;

	do
		n = recv(report, &refusal, sizeof refusal, 0);
	while (n < 0 && errno == EINTR);
	if (n != sizeof refusal)
		return;
	refusal.what[sizeof refusal.what - 1] = 0;
	reap(waiter);
	end_entering(refusal.status, refusal.err, "%s", refusal.what);
}

static int exit_status(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	/* init ends a moment after those it takes with it. */
	if (WTERMSIG(status) == SIGKILL && wait_process(entering.container.init, 100))
		fprintf(stderr, "ctr: container '%s' stopped\n", entering.container.name);
	return 128 + WTERMSIG(status);
}

/* Descriptors 0 to 2 must be something, or the next open would become one of them. */
static void fill_stdio(void)
{
	int fd;

	while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd < 3)
		;
	if (fd >= 3)
		close(fd);
}

pid_t start_entering(const struct enter_options *o, char **argv, struct relay *relay)
{
	pid_t waiter;
	int report;

	/* What runs inside finds nothing of this in /proc, and nobody a core file. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	fill_stdio();
	/* Before the copy in memory: a limit of file sizes is one of its size, too. */
	lift_low_limits();
	terminal_read_environment(o->control);
	open_container(o, argv);
	choose_user(o);
	choose_program(o);
	open_stdio(&entering, relay);
	make_socket_pair(&report, &entering.report);
	make_socket_pair(&relay->waiter, &entering.control);
	waiter = fork_into_cgroups(&entering);
	if (waiter == 0)
		run_waiter(&entering);
	if (waiter < 0 && errno == EAGAIN)
		refuse_enter("it may have no more processes (its pids limit)");
	if (waiter < 0)
		fail_enter("clone3");
	close_childs_ends();
	await_exec(report, waiter);
	return waiter;
}

static bool is_stuck(void)
{
	return is_frozen(&entering.plan);
}

/* The waiter of a container that is paused is paused as well. */
static void end_waiter(pid_t waiter)
{
	_cleanup_close_ int pidfd = open_pidfd(waiter);

	if (is_stuck() && pidfd >= 0 && !wait_process(pidfd, 100))
		warn("the container '%s' is paused: what has entered ends when it goes on", entering.container.name);
	else
		reap(waiter);
}

int enter_main(int argc, char **argv)
{
	static struct enter_options options;
	struct relay relay = { .is_stuck = is_stuck };
	pid_t waiter;
	int status;

	read_enter_options(&options, argc, argv);
	/* argv[-1] is the program: main hands its own on. */
	waiter = start_entering(&options, argv - 1, &relay);
	if (options.detach)
		return 0;
	relay.no_stdin = options.no_stdin;
	relay.has_control = options.control;
	relay.control = CONTROL_IN;
	status = run_relay(&relay);
	/* Where the process lives on (it ignored the hang-up), the end of this socket makes the waiter kill it. */
	close(relay.waiter);
	end_waiter(waiter);
	return exit_status(status);
}
