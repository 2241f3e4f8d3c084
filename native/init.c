/* The container's init, from clone to exec. It may know nothing of the host any more, and holds no host descriptor above 2 but
 * those marked close-on-exec. No memory is allocated here. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "cgroup-remove.h"
#include "container.h"
#include "credentials.h"
#include "error.h"
#include "fd.h"
#include "links.h"
#include "signals.h"
#include "sync.h"

#define KEYCTL_JOIN_SESSION_KEYRING 1

int send_message(int sync, char message)
{
	return send(sync, &message, 1, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/* 0 at the end of the connection. */
static char receive(int sync)
{
	char got = 0;
	ssize_t n;

	do
		n = recv(sync, &got, 1, 0);
	while (n < 0 && errno == EINTR);
	return n == 1 ? got : 0;
}

/* The starter's next word; an end of the connection means that it is dead, and so must init be. */
int await_message(int sync, char message)
{
	if (receive(sync) != message)
		_exit(125);
	return 0;
}

/* The id maps and the groups are made by two threads: which is ready first is open. */
static void await_maps_and_groups(int sync)
{
	bool mapped = false, grouped = false;

	while (!mapped || !grouped) {
		char got = receive(sync);

		mapped |= got == SYNC_MAPPED;
		grouped |= got == SYNC_GROUPED;
		if (got != SYNC_MAPPED && got != SYNC_GROUPED)
			_exit(125);
	}
}

/* A single-threaded process that moves itself by writing 0 to `tasks` spares the kernel the global lock of cgroup.procs. */
static int join_v1_groups(const struct container *c)
{
	struct op op = { 0 };
	char path[512];

	while (plan_next_of(&c->plan, &op, OP_CGROUP_JOIN)) {
		if (op_u64(&op, F_CGROUP_JOIN_VERSION) != 1)
			continue;
		/* The root is the host's yet, and so is our user id. */
		snprintf(path, sizeof path, "%s/tasks", op_str(&op, F_CGROUP_JOIN_PATH));
		if (write_cgroup_file(AT_FDCWD, path, "0") < 0)
			return fail("write", path, "join the cgroups");
	}
	return 0;
}

/* Where a user has but his own id, the kernel lets him keep his groups only (user_namespaces(7)). */
static int drop_groups(const struct container *c)
{
	return syscall(SYS_setgroups, 0, NULL) < 0 && !(c->first_stage && errno == EPERM) ? -1 : 0;
}

static int become_root_inside(const struct container *c)
{
	if (!c->userns)
		return 0;
	if (syscall(SYS_setresgid, 0, 0, 0) < 0 || syscall(SYS_setresuid, 0, 0, 0) < 0 || drop_groups(c) < 0)
		return fail("setresuid", "0", "become root of the user namespace");
	/* The starter has to look into this process yet, and is no root of the host: until exec nobody else is in here. */
	if (c->first_stage)
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return 0;
}

/* A copy of the outer mount namespace that the container's user namespace owns: every mount in it is locked (mount_namespaces(7)). */
static int enter_inner_mounts(const struct container *c)
{
	if (c->userns && unshare(CLONE_NEWNS) < 0)
		return fail("unshare", "CLONE_NEWNS", "make the inner mount namespace");
	/* Nothing goes out; what comes in does so where the plan says it: all else is private already. */
	if (c->userns && mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return fail("mount", "/", "detach the inner mount namespace");
	return chdir("/") < 0 ? fail("chdir", "/", "change to the root") : 0;
}

/* No terminal: the null device, and a pipe that the monitor reads. */
static int open_pipe_stdio(const struct container *c)
{
	int null = open("/dev/null", O_RDONLY);

	if (null < 0)
		return fail("open", "/dev/null", "open init's input");
	if (setsid() < 0)
		return fail("setsid", "", "begin a session");
	if (dup2(null, 0) < 0 || dup2(c->output, 1) < 0 || dup2(c->output, 2) < 0)
		return fail("dup2", "", "open init's output");
	if (null > 2)
		close(null);
	return 0;
}

/* Of a run: what its caller has given. It gets no controlling terminal. */
static int take_stdio(const struct command *command)
{
	if (setsid() < 0)
		return fail("setsid", "", "begin a session");
	for (int i = 0; i < 3; i++)
		if (command->stdio[i] != i && dup2(command->stdio[i], i) < 0)
			return fail("dup2", "", "hand over stdin, stdout and stderr");
	return 0;
}

static int open_stdio(const struct plan *plan, bool controlling)
{
	struct op op = { 0 };
	bool console = plan_next_of(plan, &op, OP_CONSOLE);
	/* Ours, made a moment ago: nobody else has run in here yet. */
	int fd = open(console ? "/dev/console" : "/dev/null", O_RDWR | O_NOCTTY);

	if (fd < 0)
		return fail("open", "/dev/console", "open the console");
	if (setsid() < 0)
		return fail("setsid", "", "begin a terminal session");
	if (controlling && console && ioctl(fd, TIOCSCTTY, 0) < 0)
		return fail("ioctl(TIOCSCTTY)", "/dev/console", "take the console as controlling terminal");
	for (int i = 0; i < 3; i++)
		if (dup2(fd, i) < 0)
			return fail("dup2", "/dev/console", "open the console");
	if (fd > 2)
		close(fd);
	return 0;
}

static int set_hostname(const char *name)
{
	return sethostname(name, strlen(name)) < 0 ? fail("sethostname", name, "set the host name") : 0;
}

static int set_domainname(const char *name)
{
	return setdomainname(name, strlen(name)) < 0 ? fail("setdomainname", name, "set the domain name") : 0;
}

static bool wants_controlling_tty(const struct plan *plan)
{
	struct op op = { 0 };

	if (plan_next_of(plan, &op, OP_EXEC))
		return op_u64(&op, F_EXEC_OPTIONS) & OPT_CONTROLLING_TTY;
	return plan_next_of(plan, &(struct op){ 0 }, OP_RUN);
}

static int open_own_stdio(const struct container *c)
{
	if (c->command && c->command->stdio[0] >= 0)
		return take_stdio(c->command);
	return c->output >= 0 ? open_pipe_stdio(c) : open_stdio(&c->plan, wants_controlling_tty(&c->plan));
}

/* Needs neither the id maps nor the root: the starter has other things to do meanwhile. */
static int make_own_network(const struct container *c)
{
	if (c->clone_flags & CLONE_NEWNET && unshare(CLONE_NEWNET) < 0)
		return fail("unshare", "CLONE_NEWNET", "make init in its namespaces");
	return send_message(c->sync, SYNC_NETWORKED);
}

/* What nobody waits for: the starter pivots meanwhile. */
static int make_own_world(const struct container *c)
{
	struct op op = { 0 };

	while (plan_next_in(&c->plan, &op, PHASE_INIT)) {
		if (op.code == OP_LOOPBACK && do_network_op(&op) < 0)
			return -1;
		if (op.code == OP_HOSTNAME && set_hostname(op_str(&op, F_HOSTNAME_NAME)) < 0)
			return -1;
		if (op.code == OP_DOMAINNAME && set_domainname(op_str(&op, F_DOMAINNAME_NAME)) < 0)
			return -1;
	}
	/* Handlers are reset by exec, but what is ignored stays so, and so does the mask: the payload gets neither from our caller. */
	reset_signals();
	return 0;
}

/* The order of a start, as init sees it. */
static int run(struct container *c)
{
	static struct credentials credentials;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (make_own_network(c) < 0)
		return -1;
	await_maps_and_groups(c->sync);
	if (join_v1_groups(c) < 0)
		return -1;
	if (c->clone_flags & CLONE_NEWCGROUP && unshare(CLONE_NEWCGROUP) < 0)
		return fail("unshare", "CLONE_NEWCGROUP", "make the cgroup namespace");
	if (become_root_inside(c) < 0 || send_message(c->sync, SYNC_SETTLED) < 0 || make_own_world(c) < 0)
		return -1;
	umask(022);
	/* Keyrings are of no namespace: the caller's stays outside. No keys in this kernel: none to keep. */
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	credentials_from_plan(&credentials, &c->plan);
	if (load_early_seccomp(&credentials) < 0)
		return fail("seccomp", "", "take on user, capabilities and seccomp filter");
	await_message(c->sync, SYNC_ROOTED);
	if (enter_inner_mounts(c) < 0 || split_reaper(c, &credentials) < 0)
		return -1;
	if (open_own_stdio(c) < 0)
		return -1;
	return become_program(c, &credentials);
}

void run_init(struct container *c)
{
	char report[1 + sizeof failure] = { SYNC_FAILED };

	run(c);
	memcpy(report + 1, &failure, sizeof failure);
	send(c->sync, report, sizeof report, MSG_NOSIGNAL);
}
