/* `enter`: a process in a running container, as the user it names and with the capabilities and the filter of the stored plan.
 * Options: enter-options.c. Exit status: that of the process, 128+n when signal n ended it, 127 not found, 126 cannot be run, 125
 * anything else. */
#include "enter.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
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
#include "procfs.h"
#include "relay.h"

static struct entering entering;

static _Noreturn void refuse_enter(const char *reason)
{
	die(ENTER_FAILED, "cannot enter '%s': %s", entering.container.name, reason);
}

static _Noreturn void fail_enter(const char *call)
{
	warn_errno("cannot enter '%s': %s", entering.container.name, call);
	exit(ENTER_FAILED);
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
		refuse_enter(failure.err ? "its compiled plan cannot be read" : failure.call);
	/* Ids of the plan are those of the first stage, and so are the rights that its owner needs. */
	if (needs_first_stage(&e->plan) && join_first_stage(e->container.state.init) < 0)
		fail_enter("setns");
	if (is_frozen(&e->plan))
		die(ENTER_FAILED, "cannot enter '%s': it is paused\nhint: ctr resume %s", e->container.name, e->container.name);
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
		die(ENTER_FAILED, "cannot enter '%s': user '%s': %s", e->container.name, who, reason);
	if (plan_host_id(&e->plan, "uid", e->user.uid) < 0)
		die(ENTER_FAILED, "cannot enter '%s': user '%s': its id map has no uid %u", e->container.name, who, e->user.uid);
	if (plan_host_id(&e->plan, "gid", e->user.gid) < 0)
		die(ENTER_FAILED, "cannot enter '%s': user '%s': its id map has no gid %u", e->container.name, who, e->user.gid);
	credentials_from_plan(&e->credentials, &e->plan);
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
	struct entering *e = &entering;
	const char *reason;

	e->terminal = !o->no_terminal && (o->terminal || (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)));
	e->argv = o->command;
	e->cwd_is_home = !o->cwd && !o->command;
	e->cwd = o->cwd ? o->cwd : o->command ? "/" : e->user.home;
	reason = build_environment(e, o->extra, o->extra_count);
	if (reason)
		refuse_enter(reason);
}

/* A pipe whose inside end belongs to the user, so that /dev/stdout and the like can be opened there. */
static int make_pipe(int inside, int *outside)
{
	struct entering *e = &entering;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		fail_enter("pipe2");
	if (fchown(ends[inside], (uid_t)plan_host_id(&e->plan, "uid", e->user.uid),
		   (gid_t)plan_host_id(&e->plan, "gid", e->user.gid)) < 0)
		fail_enter("fchown");
	*outside = ends[!inside];
	return ends[inside];
}

static void open_stdio(struct relay *relay)
{
	struct entering *e = &entering;
	const char *call;
	int slave;

	relay->terminal = relay->in = relay->out = relay->err = -1;
	if (!e->terminal) {
		e->stdio[0] = make_pipe(0, &relay->in);
		e->stdio[1] = make_pipe(1, &relay->out);
		e->stdio[2] = make_pipe(1, &relay->err);
		/* Its other end is another open file: this says nothing to the process inside. */
		fcntl(relay->in, F_SETFL, O_NONBLOCK);
		return;
	}
	relay->terminal = open_container_pty(e, &slave, &call);
	if (relay->terminal < 0 && errno == ENOSPC)
		refuse_enter("there are no more terminals (kernel.pty.max)");
	if (relay->terminal < 0) {
		warn_errno("cannot enter '%s': no terminal from its /dev/pts/ptmx: %s", e->container.name, call);
		exit(ENTER_FAILED);
	}
	for (int i = 0; i < 3; i++)
		e->stdio[i] = slave;
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
	errno = refusal.err;
	if (refusal.err)
		warn_errno("cannot enter '%s': %s", entering.container.name, refusal.what);
	else
		warn("cannot enter '%s': %s", entering.container.name, refusal.what);
	exit(refusal.status);
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

int enter_main(int argc, char **argv)
{
	static struct enter_options options;
	struct relay relay;
	int report, status;
	pid_t waiter;

	/* What runs inside finds nothing of this in /proc, and nobody a core file. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	fill_stdio();
	read_enter_options(&options, argc, argv);
	/* argv[-1] is the program: main hands its own on. */
	open_container(&options, argv - 1);
	choose_user(&options);
	choose_program(&options);
	open_stdio(&relay);
	make_socket_pair(&report, &entering.report);
	make_socket_pair(&relay.waiter, &entering.control);
	waiter = fork_into_cgroups(&entering);
	if (waiter == 0)
		run_waiter(&entering);
	if (waiter < 0 && errno == EAGAIN)
		refuse_enter("it may have no more processes (its pids limit)");
	if (waiter < 0)
		fail_enter("clone3");
	close_childs_ends();
	await_exec(report, waiter);
	relay.no_stdin = options.no_stdin;
	status = run_relay(&relay);
	/* Where the process lives on (it ignored the hang-up), the end of this socket makes the waiter kill it. */
	close(relay.waiter);
	reap(waiter);
	return exit_status(status);
}
