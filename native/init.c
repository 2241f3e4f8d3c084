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
#include <sys/personality.h>
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
#include "passwd.h"
#include "sync.h"

#define MAX_ARGUMENTS 512
#define KEYCTL_JOIN_SESSION_KEYRING 1

static int send_message(int sync, char message)
{
	return send(sync, &message, 1, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/* The starter's next word; an end of the connection means that it is dead, and so must init be. */
static int await_message(int sync, char message)
{
	char got = 0;
	ssize_t n;

	do
		n = recv(sync, &got, 1, 0);
	while (n < 0 && errno == EINTR);
	if (n != 1 || got != message)
		_exit(125);
	return 0;
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

static int become_root_inside(const struct container *c)
{
	if (!c->userns)
		return 0;
	if (syscall(SYS_setresgid, 0, 0, 0) < 0 || syscall(SYS_setresuid, 0, 0, 0) < 0 || syscall(SYS_setgroups, 0, NULL) < 0)
		return fail("setresuid", "0", "become root of the user namespace");
	return 0;
}

/* A copy of the outer mount namespace that the container's user namespace owns: every mount in it is locked (mount_namespaces(7)). */
static int enter_inner_mounts(const struct container *c)
{
	if (c->userns && unshare(CLONE_NEWNS) < 0)
		return fail("unshare", "CLONE_NEWNS", "make the inner mount namespace");
	if (c->userns && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return fail("mount", "/", "make the inner mount namespace private");
	return chdir("/") < 0 ? fail("chdir", "/", "change to the root") : 0;
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

static int resolve_user(const struct op *op, struct credentials *credentials)
{
	const char *user = op_str(op, F_USER_USER), *group = op_str(op, F_USER_GROUP);
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *reason = root < 0 ? "the root cannot be opened" : lookup_init_user(root, user, group, credentials);

	if (reason)
		return refuse(reason, *user ? user : group, "look up the user of init");
	/* The console belongs to whom it is for. */
	if (credentials->uid)
		fchown(0, credentials->uid, (gid_t)-1);
	return 0;
}

/* What exec needs, as the plan says it. */
struct program {
	const char *path, *cwd;
	char *argv[MAX_ARGUMENTS + 2], *envp[MAX_ARGUMENTS + 1];
	int argc, envc;
	struct credentials credentials;
};

/* The filter may be loaded by now: what is added here stands in STEPS_OF_INIT of src/security/plan-seccomp.ts, too. */
static int do_init_op(const struct op *op, struct program *p)
{
	switch (op->code) {
	case OP_ADDRESS:
	case OP_LINK_UP:
	case OP_ROUTE:
		return do_network_op(op);
	case OP_PERSONALITY:
		return personality((unsigned long)op_u64(op, F_PERSONALITY_VALUE)) < 0
			       ? fail("personality", "", "set the personality")
			       : 0;
	case OP_USER:
		return resolve_user(op, &p->credentials);
	case OP_CWD:
		p->cwd = op_str(op, F_CWD_PATH);
		return 0;
	case OP_ENV:
		if (p->envc == MAX_ARGUMENTS)
			return refuse("more than 512", op_str(op, 0), "set the environment");
		p->envp[p->envc++] = (char *)op_str(op, F_ENV_ENTRY);
		return 0;
	case OP_ARG:
		if (p->argc == MAX_ARGUMENTS)
			return refuse("more than 512", op_str(op, 0), "set the arguments");
		p->argv[1 + p->argc++] = (char *)op_str(op, F_ARG_VALUE);
		return 0;
	case OP_EXEC:
		p->path = op_str(op, F_EXEC_PATH);
		p->argv[0] = (char *)p->path;
		return 0;
	default:
		return 0;
	}
}

/* Handlers are reset by exec, but what is ignored stays so, and so does the mask: the payload gets neither from our caller. */
static void reset_signals(void)
{
	sigset_t none;

	for (int signal_number = 1; signal_number < NSIG; signal_number++)
		signal(signal_number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Directory descriptors and magic links lead out of a container: after chdir the kernel must be able to name the place (CVE-2024-21626). */
static int change_directory(const char *path)
{
	char here[4096];

	if (chdir(path) < 0)
		return fail("chdir", path, "change to the directory '%s'", path);
	if (syscall(SYS_getcwd, here, sizeof here) < 0 || here[0] != '/')
		return refuse("it lies outside of the root", path, "change to the directory '%s'", path);
	return 0;
}

static int become_program(struct container *c, const struct credentials *credentials)
{
	static struct program p;
	struct op op = { 0 };
	const char *call;

	p.credentials = *credentials;
	while (plan_next_in(&c->plan, &op, PHASE_INIT))
		if (do_init_op(&op, &p) < 0)
			return -1;
	if (change_directory(p.cwd ? p.cwd : "/") < 0)
		return -1;
	if (apply_credentials(&p.credentials, &call) < 0)
		return fail(call, "", "take on user, capabilities and seccomp filter");
	/* Cleared by every change of credentials, so set last: init does not outlive its monitor. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (send_message(c->sync, SYNC_EXEC) < 0)
		_exit(125);
	execve(p.path, p.argv, p.envp);
	return fail("execve", p.path, "run the init '%s'", p.path);
}

static bool wants_controlling_tty(const struct plan *plan)
{
	struct op op = { 0 };

	return plan_next_of(plan, &op, OP_EXEC) && op_u64(&op, F_EXEC_OPTIONS) & OPT_CONTROLLING_TTY;
}

/* What needs neither the id maps nor the root: the starter has other things to do meanwhile. */
static int make_own_world(const struct container *c)
{
	struct op op = { 0 };

	if (c->clone_flags & CLONE_NEWNET && unshare(CLONE_NEWNET) < 0)
		return fail("unshare", "CLONE_NEWNET", "make init in its namespaces");
	while (plan_next_in(&c->plan, &op, PHASE_INIT)) {
		if (op.code == OP_LOOPBACK && do_network_op(&op) < 0)
			return -1;
		if (op.code == OP_HOSTNAME && set_hostname(op_str(&op, F_HOSTNAME_NAME)) < 0)
			return -1;
	}
	reset_signals();
	return 0;
}

/* The order of a start, as init sees it. */
static int run(struct container *c)
{
	static struct credentials credentials;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (make_own_world(c) < 0)
		return -1;
	await_message(c->sync, SYNC_MAPPED);
	if (join_v1_groups(c) < 0)
		return -1;
	if (c->clone_flags & CLONE_NEWCGROUP && unshare(CLONE_NEWCGROUP) < 0)
		return fail("unshare", "CLONE_NEWCGROUP", "make the cgroup namespace");
	if (become_root_inside(c) < 0 || send_message(c->sync, SYNC_SETTLED) < 0)
		return -1;
	umask(022);
	/* Keyrings are of no namespace: the caller's stays outside. No keys in this kernel: none to keep. */
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	credentials_from_plan(&credentials, &c->plan);
	if (load_early_seccomp(&credentials) < 0)
		return fail("seccomp", "", "take on user, capabilities and seccomp filter");
	await_message(c->sync, SYNC_ROOTED);
	if (enter_inner_mounts(c) < 0 || open_stdio(&c->plan, wants_controlling_tty(&c->plan)) < 0)
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
