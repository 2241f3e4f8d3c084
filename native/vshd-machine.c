/* A program in the machine itself: its user, its environment, its streams. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "enter.h"
#include "error.h"
#include "fd.h"
#include "io.h"
#include "passwd.h"
#include "vshd.h"

#define MAX_ENVIRONMENT (VSH_MAX_WORDS + 1024)
#define DEFAULT_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

extern char **environ;

static struct user user;
static struct machine_program program;
static char *variables[MAX_ENVIRONMENT + 1];
static int variable_count;

static void choose_user(const struct vsh_setup *setup)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool is_shell_of_machine = strcmp(setup->target, VSH_MACHINE) == 0;
	const char *name = setup->user, *reason;
	char own[16];

	if (is_shell_of_machine && !*name)
		name = vshd.default_user;
	if (is_shell_of_machine && !vshd.switches_user && strcmp(name, vshd.default_user) != 0)
		end_session(0, "only %s is allowed login on the VM shell", vshd.default_user);
	user = (struct user){ .uid = geteuid(), .gid = getegid(), .home = "/", .shell = "/bin/sh" };
	/* Such a machine may have no users at all. */
	if (!vshd.switches_user)
		return;
	snprintf(own, sizeof own, "%u", geteuid());
	reason = lookup_user(root, *name ? name : own, &user);
	if (reason && !*name)
		end_session(0, "could not find uid: %s", own);
	if (reason)
		end_session(0, reason == no_such_user ? "could not find user: %s" : "could not find user: %s: %s", name, reason);
	if (user.uid != geteuid() && geteuid() != 0)
		end_session(0, "cannot change to user: %s", name);
	program.changes_user = geteuid() == 0;
}

static void set_variable(char *entry, bool overwrite)
{
	size_t length = strcspn(entry, "=") + 1;

	for (int i = 0; i < variable_count; i++) {
		if (strncmp(variables[i], entry, length) == 0) {
			if (overwrite)
				variables[i] = entry;
			return;
		}
	}
	if (variable_count == MAX_ENVIRONMENT)
		end_session(0, "there are more than %d variables", MAX_ENVIRONMENT);
	variables[variable_count++] = entry;
}

static char *make_entry(const char *name, const char *value)
{
	char *entry = malloc(strlen(name) + strlen(value) + 2);

	if (!entry)
		end_session(0, "there is no memory left");
	sprintf(entry, "%s=%s", name, value);
	return entry;
}

/* HOME and SHELL are those of the user, whatever is asked for. */
static void build_variables(const struct vsh_setup *setup)
{
	static char term[] = "TERM=linux", path[] = DEFAULT_PATH;

	for (char **entry = environ; vshd.inherits_env && *entry; entry++)
		set_variable(*entry, false);
	for (int i = 0; i < setup->env_count; i++)
		set_variable(setup->env[i], true);
	set_variable(term, false);
	set_variable(path, false);
	set_variable(make_entry("HOME", user.home), true);
	set_variable(make_entry("SHELL", user.shell), true);
	if (user.name[0]) {
		set_variable(make_entry("USER", user.name), vshd.inherits_env);
		set_variable(make_entry("LOGNAME", user.name), vshd.inherits_env);
	}
	program.envp = variables;
}

static void open_terminal(struct target *t, const struct vsh_setup *setup)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), unlock = 0, slave;

	if (master < 0)
		end_session(0, errno == ENOSPC ? "could not allocate pty: there are no more (kernel.pty.max)" : "could not allocate pty: %s",
			    errno_name(errno));
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		end_session(0, "could not unlock pty: %s", errno_name(errno));
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || (program.changes_user && fchown(slave, user.uid, (gid_t)-1) < 0))
		end_session(0, "could not grant pty: %s", errno_name(errno));
	fchmod(slave, 0620);
	ioctl(master, TIOCSWINSZ, &size);
	t->relay.terminal = master;
	target_size(t, setup->rows, setup->cols);
	for (int i = 0; i < 3; i++)
		program.stdio[i] = slave;
}

/* The inside end belongs to the user, so that /dev/stdout and the like can be opened. */
static int make_pipe(int inside, int *outside)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0 || (program.changes_user && fchown(ends[inside], user.uid, user.gid) < 0))
		end_session(0, "could not make pipes: %s", errno_name(errno));
	*outside = ends[!inside];
	return ends[inside];
}

static void open_pipes(struct target *t)
{
	program.stdio[0] = make_pipe(0, &t->relay.in);
	program.stdio[1] = make_pipe(1, &t->relay.out);
	program.stdio[2] = make_pipe(1, &t->relay.err);
	fcntl(t->relay.in, F_SETFL, O_NONBLOCK);
}

static void await_exec(int report)
{
	struct refusal refusal;
	ssize_t n;

	do
		n = recv(report, &refusal, sizeof refusal, 0);
	while (n < 0 && errno == EINTR);
	close(report);
	if (n != sizeof refusal)
		return;
	refusal.what[sizeof refusal.what - 1] = 0;
	end_session(refusal.status, "%s: %s (%s)", refusal.what, errno_name(refusal.err), strerror(refusal.err));
}

void open_machine(const struct vsh_setup *setup, struct target *t)
{
	int report[2];

	choose_user(setup);
	build_variables(setup);
	program.setup = setup;
	program.home = user.home;
	program.shell = user.shell;
	program.uid = user.uid;
	program.gid = user.gid;
	program.groups = user.groups;
	program.ngroups = user.ngroups;
	t->relay = (struct relay){ .waiter = -1, .terminal = -1, .in = -1, .out = -1, .err = -1 };
	if (setup->nopty)
		open_pipes(t);
	else
		open_terminal(t, setup);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, report) < 0)
		end_session(0, "could not start a process: socketpair: %s", errno_name(errno));
	program.report = report[1];
	t->pid = t->child = fork();
	if (t->child == 0)
		become_machine_program(&program);
	if (t->child < 0 || (t->pidfd = open_pidfd(t->child)) < 0)
		end_session(0, "could not start a process: %s", errno_name(errno));
	close(report[1]);
	for (int i = 0; i < 3; i++)
		if (i == 0 || program.stdio[i] != program.stdio[0])
			close(program.stdio[i]);
	await_exec(report[0]);
}
