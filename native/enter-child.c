/* The two processes behind `enter`: the waiter, which joins the container's namespaces, and its child in the container's pid
 * namespace, which becomes the program.
 *
 * The waiter is the parent, and not the command itself, because the kernel ends a pid namespace only when all its dead are
 * reaped: a command that was stopped (^Z, SIGSTOP) would keep the whole container from ending. The terminal's job control does
 * not reach the waiter (setsid(2)); it stays outside of the container's pid namespace, and goes with its child or with the
 * command, whichever is first. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "enter.h"
#include "error.h"
#include "fd.h"
#include "io.h"
#include "process.h"
#include "procfs.h"
#include "relay.h"
#include "signals.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#define KEYCTL_JOIN_SESSION_KEYRING 1

/* Fixed places: whatever else is open is closed. */
enum { REPORT_FD = 3, CONTROL_FD, INIT_FD, PROCFS_FD, FIRST_FREE_FD };

static int report = -1;

_Noreturn void give_up(int status, int err, const char *format, const char *what)
{
	struct refusal refusal = { .status = status, .err = err };

	snprintf(refusal.what, sizeof refusal.what, format, what);
	send(report, &refusal, sizeof refusal, MSG_NOSIGNAL);
	_exit(status);
}

/* What the steps that init takes as well have recorded. */
static _Noreturn void give_up_failed(void)
{
	char what[sizeof((struct refusal *)0)->what];

	snprintf(what, sizeof what, "%.250s: %s", failure.step, failure.err ? failure.call : failure.reason);
	give_up(125, failure.err, "%s", what);
}

static void close_from(unsigned first)
{
	if (syscall(SYS_close_range, first, ~0u, 0) < 0)
		for (int fd = (int)first; fd < 65536; fd++)
			close(fd);
}

/* Moves what is needed to its places. By copies above them all, so that no move overwrites what is still to be moved. */
static void arrange_descriptors(const struct entering *e)
{
	const int from[] = { e->stdio[0], e->stdio[1], e->stdio[2], e->report, e->control, e->container.init,
			     e->procfs };
	int copies[FIRST_FREE_FD];

	/* Most plans have nothing to write to the host's procfs. */
	int count = e->procfs < 0 ? PROCFS_FD : FIRST_FREE_FD;

	for (int i = 0; i < count; i++)
		copies[i] = fcntl(from[i], F_DUPFD_CLOEXEC, FIRST_FREE_FD);
	for (int i = 0; i < count; i++)
		if (copies[i] < 0 || dup3(copies[i], i, i < REPORT_FD ? 0 : O_CLOEXEC) < 0)
			give_up(125, errno, "%s", "dup3");
	report = REPORT_FD;
	close_from((unsigned)count);
}

/* The namespaces of init that are not ours. */
static int differing_namespaces(pid_t init)
{
	static const struct {
		const char *name;
		int flag;
	} kinds[] = {
		{ "user", CLONE_NEWUSER }, { "mnt", CLONE_NEWNS }, { "pid", CLONE_NEWPID }, { "net", CLONE_NEWNET },
		{ "ipc", CLONE_NEWIPC }, { "uts", CLONE_NEWUTS }, { "cgroup", CLONE_NEWCGROUP }, { "time", CLONE_NEWTIME },
	};
	int flags = 0;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		char path[64];
		struct stat own, its;

		snprintf(path, sizeof path, "/proc/self/ns/%s", kinds[i].name);
		if (stat(path, &own) < 0)
			continue; /* a kernel without them */
		snprintf(path, sizeof path, "/proc/%d/ns/%s", init, kinds[i].name);
		if (stat(path, &its) < 0)
			give_up(125, errno, "%s", path);
		if (own.st_ino != its.st_ino || own.st_dev != its.st_dev)
			flags |= kinds[i].flag;
	}
	return flags;
}

/* All at once by the pidfd: the process that was checked, whatever has its number now. */
static void join_namespaces(pid_t init)
{
	int flags = differing_namespaces(init);

	if (flags && setns(INIT_FD, flags) < 0)
		give_up(125, errno == ESRCH ? 0 : errno, "%s", errno == ESRCH ? "the container is not running" : "setns");
	/* Joining a user namespace is a change of credentials, and so is becoming its user. At each the kernel sets this anew, by
	 * fs.suid_dumpable (commit_creds()): with 0 and 2 it stays off, a host with 1 would have it on. So it is said again. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	close(INIT_FD);
}

/* Directory descriptors and magic links lead out of a container (CVE-2024-21626): none is followed, and the kernel must be able
 * to name the place afterwards. */
static const char *change_directory(const char *path)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int dir = open_in_root(root, path, O_PATH | O_DIRECTORY);
	char here[4096];

	if (dir < 0)
		return "openat2";
	if (fchdir(dir) < 0)
		return "fchdir";
	if (syscall(SYS_getcwd, here, sizeof here) < 0)
		return "getcwd";
	if (here[0] != '/') {
		errno = EXDEV;
		return "getcwd";
	}
	return NULL;
}

static void choose_directory(const struct entering *e)
{
	const char *call = change_directory(e->cwd);
	char what[sizeof((struct refusal *)0)->what];

	if (!call)
		return;
	if (!e->cwd_is_home) {
		snprintf(what, sizeof what, "the directory '%.300s': %s", e->cwd, call);
		give_up(125, errno, "%s", what);
	}
	if (chdir("/") < 0)
		give_up(125, errno, "the directory '%s': chdir", "/");
}

static void set_personality(const struct plan *plan)
{
	struct op op = { 0 };

	if (plan_next_of(plan, &op, OP_PERSONALITY) && personality((unsigned long)op_u64(&op, F_PERSONALITY_VALUE)) < 0)
		give_up(125, errno, "%s", "personality");
}

/* The child, in all of the container's namespaces. */
static _Noreturn void become_program(const struct entering *e)
{
	const char *call;

	close(CONTROL_FD);
	if (setsid() < 0)
		give_up(125, errno, "%s", "setsid");
	if (e->terminal && ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0)
		give_up(125, errno, "%s", "ioctl(TIOCSCTTY)");
	/* Keyrings are of no namespace: the caller's stays outside. No keys in this kernel: none to keep. */
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	umask(022);
	set_personality(&e->plan);
	choose_directory(e);
	reset_signals();
	if (set_own_attributes(&e->plan) < 0 ||
	    (!(e->without & WITHOUT_LABEL) && set_exec_labels(PROCFS_FD, &e->plan) < 0))
		give_up_failed();
	if (e->procfs >= 0)
		close(PROCFS_FD);
	if (apply_credentials(&e->credentials, &call) < 0)
		give_up(125, errno, "%s", call);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* Any change of credentials clears it, so it comes last: who enters does not outlive the waiter. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		give_up(125, errno, "%s", "prctl(PDEATHSIG)");
	exec_entering(e);
}

/* To its process group, as a terminal would; before it has one, to the child itself. */
static void pass_signal(pid_t child, int number)
{
	if (kill(-child, number) < 0)
		kill(child, number);
}

/* True once the child has ended. It is not reaped before this, so its number stays its own. */
static bool wait_or_obey(pid_t child, int child_pidfd, int *control, bool detached)
{
	struct pollfd polled[] = { { .fd = child_pidfd, .events = POLLIN }, { .fd = *control, .events = POLLIN } };
	unsigned char number;
	ssize_t n;

	if (poll(polled, 2, -1) < 0)
		return false;
	if (polled[1].revents) {
		n = recv(*control, &number, 1, MSG_DONTWAIT);
		if (n == 1) {
			pass_signal(child, number);
		} else if (n == 0 || errno != EAGAIN) {
			/* The command is gone, by whatever means: nobody is there for whom this could go on, unless it was to. */
			if (!detached)
				kill(child, SIGKILL);
			*control = -1;
		}
	}
	return polled[0].revents;
}

void run_waiter(struct entering *e)
{
	struct ending ending = { 0 };
	int control = CONTROL_FD, child_pidfd;
	const char *group;
	pid_t child;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	setsid();
	report = e->report;
	arrange_descriptors(e);
	group = join_v1_groups(&e->plan);
	if (group)
		give_up(125, errno, "it could not join the cgroup '%s'", group);
	if (set_outer_attributes(&e->plan, getpid()) < 0)
		give_up_failed();
	join_namespaces(e->container.state.init);
	child = fork();
	if (child == 0)
		become_program(e);
	if (child < 0)
		give_up(125, errno, "%s", errno == EAGAIN ? "it may have no more processes (its pids limit): fork" : "fork");
	child_pidfd = open_pidfd(child);
	if (child_pidfd < 0) {
		kill(child, SIGKILL);
		give_up(125, errno, "%s", "pidfd_open");
	}
	/* What remains open here keeps no pipe, no terminal and no report from ending. */
	for (int fd = 0; fd <= REPORT_FD; fd++)
		close(fd);
	while (!wait_or_obey(child, child_pidfd, &control, e->detached))
		;
	waitpid(child, &ending.status, 0);
	send(CONTROL_FD, &ending, sizeof ending, MSG_NOSIGNAL | MSG_DONTWAIT);
	_exit(0);
}
