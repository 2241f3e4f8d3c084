/* What goes between a run's caller and its command. A descriptor that is no terminal is handed over as it is: not a byte is copied.
 * A terminal never is: who has one can type into it, and set its modes. With a terminal of the container's own, or pipes, the bytes
 * pass through here, by the loop of `enter`. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "io.h"
#include "relay.h"
#include "run.h"

#define PIPEFS_MAGIC 0x50495045

/* Where root inside may open it again, by /dev/stdout and the like. A named pipe of the host stays whose it is. */
static void give_pipe(int fd, const struct container *c)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) == 0 && fs.f_type == PIPEFS_MAGIC && fchown(fd, c->root_uid, c->root_gid) < 0)
		return;
}

static int make_pipe(int inside, int *outside, const struct container *c)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	give_pipe(ends[inside], c);
	*outside = ends[!inside];
	return ends[inside];
}

static int make_pipes(struct run_stdio *stdio, struct container *c, struct command *command)
{
	command->stdio[0] = make_pipe(0, &stdio->in, c);
	command->stdio[1] = make_pipe(1, &stdio->out, c);
	command->stdio[2] = make_pipe(1, &stdio->err, c);
	if (command->stdio[0] < 0 || command->stdio[1] < 0 || command->stdio[2] < 0)
		return fail("pipe2", "", "make the pipes of the command");
	/* Its other end is another open file: this says nothing to the process inside. */
	fcntl(stdio->in, F_SETFL, O_NONBLOCK);
	return 0;
}

int open_run_stdio(struct run_stdio *stdio, struct container *c, struct command *command)
{
	static const char *const names[] = { "stdin", "stdout", "stderr" };
	bool terminal = false;
	struct stat st;

	*stdio = (struct run_stdio){ .in = -1, .out = -1, .err = -1 };
	c->root_uid = plan_mapped_root(&c->plan, "uid");
	c->root_gid = plan_mapped_root(&c->plan, "gid");
	for (int i = 0; i < 3; i++) {
		command->stdio[i] = -1;
		terminal |= isatty(i);
		/* From a directory of the host openat(2) goes everywhere. */
		if (fstat(i, &st) == 0 && S_ISDIR(st.st_mode))
			return refuse("it is a directory of the host", names[i], "hand over %s", names[i]);
	}
	if (plan_next_of(&c->plan, &(struct op){ 0 }, OP_CONSOLE))
		return 0;
	if (terminal)
		return make_pipes(stdio, c, command);
	stdio->direct = true;
	for (int i = 0; i < 3; i++) {
		command->stdio[i] = i;
		give_pipe(i, c);
	}
	return 0;
}

void close_given_stdio(const struct run_stdio *stdio, const struct command *command)
{
	for (int i = 0; i < 3 && !stdio->direct; i++)
		if (command->stdio[i] >= 0)
			close(command->stdio[i]);
}

/* The other side of the relay's socket: passes signals on to init, and says when it has ended. It is a process of its own, since the
 * relay waits for a socket; our end, by whatever means, is that of init. */
static _Noreturn void watch_init(int socket, const struct container *c, int64_t deadline)
{
	struct ending ending = { 0 };
	int init = c->init_pidfd;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_IGN);
	for (;;) {
		struct pollfd polled[] = { { .fd = init, .events = POLLIN }, { .fd = socket, .events = POLLIN } };
		int64_t left = deadline < 0 ? -1 : deadline - monotonic_ms();
		unsigned char number;

		if (poll(polled, 2, deadline < 0 ? -1 : left < 0 ? 0 : (int)(left < 1 << 30 ? left : 1 << 30)) == 0 &&
		    monotonic_ms() >= deadline)
			signal_pidfd(init, SIGKILL);
		if (polled[0].revents)
			break;
		if (!polled[1].revents)
			continue;
		if (recv(socket, &number, 1, MSG_DONTWAIT) == 1)
			signal_pidfd(init, c->command ? number : boot_signal(c, number));
		else
			signal_pidfd(init, SIGKILL);
	}
	send(socket, &ending, sizeof ending, MSG_NOSIGNAL | MSG_DONTWAIT);
	_exit(0);
}

int relay_run(const struct run_stdio *stdio, const struct container *c, int64_t deadline)
{
	struct relay relay = { .terminal = -1, .boots = !c->command, .in = stdio->in, .out = stdio->out, .err = stdio->err };
	int pair[2], gave_up;
	pid_t watcher;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 || (watcher = fork()) < 0) {
		signal_pidfd(c->init_pidfd, SIGKILL);
		return SIGKILL;
	}
	if (watcher == 0) {
		close(pair[0]);
		/* It keeps no pipe and no terminal from ending. */
		for (int fd = 0; fd < 3; fd++)
			close(fd);
		for (int i = 0; i < c->console_count; i++)
			close(c->consoles[i]);
		if (stdio->in >= 0) {
			close(stdio->in);
			close(stdio->out);
			close(stdio->err);
		}
		watch_init(pair[1], c, deadline);
	}
	close(pair[1]);
	relay.waiter = pair[0];
	if (c->console_count) {
		relay.terminal = c->consoles[0];
		fcntl(relay.terminal, F_SETFL, fcntl(relay.terminal, F_GETFL) | O_NONBLOCK);
	}
	gave_up = run_relay(&relay);
	signal_pidfd(c->init_pidfd, SIGKILL);
	kill(watcher, SIGKILL);
	while (waitpid(watcher, NULL, 0) < 0 && errno == EINTR)
		;
	close(pair[0]);
	return gave_up;
}
