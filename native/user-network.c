#include "user-network.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container.h"
#include "error.h"
#include "fd.h"
#include "io.h"
#include "signals.h"
#include "state.h"

#define MAX_WORDS 64
/* It is ready in some 20 ms, when the machine is not busy. */
#define READY_MS 10000
#define END_MS 2000
/* The descriptor that it may write to when it is ready; the other way is a file of its own, which `@READY@` stands for. And one whose other
 * end is the monitor's, for who changes its rights and so loses PDEATHSIG. */
#define READY_FD 3
#define ALIVE_FD 4
#define READY_FILE "network.ready"
#define RECORD "network"

static const char *program_of(const struct container *c)
{
	struct op op = { 0 };

	return plan_next_of(&c->plan, &op, OP_USER_NETWORK) ? op_str(&op, F_USER_NETWORK_PROGRAM) : "";
}

static int fail_network(const char *call, const char *program)
{
	return fail(call, program, "connect the network by '%s'", program);
}

/* Each word with a NUL behind it; `@PID@` in it is init's, `@READY@` the file. */
static void fill_words(const struct op *op, const struct container *c, char **argv, char *made, size_t size)
{
	size_t length, used = 0;
	const char *word = op_bytes(op, F_USER_NETWORK_ARGS, &length), *end = word + length;
	int argc = 0;

	argv[argc++] = (char *)op_str(op, F_USER_NETWORK_PROGRAM);
	for (; word < end && argc < MAX_WORDS; word += strlen(word) + 1) {
		const char *pid = strstr(word, "@PID@"), *ready = strstr(word, "@READY@");
		int n;

		if (pid)
			n = snprintf(made + used, size - used, "%.*s%d%s", (int)(pid - word), word, c->init, pid + 5);
		else if (ready)
			n = snprintf(made + used, size - used, "%.*s%s/" READY_FILE, (int)(ready - word), word, c->dir);
		else
			n = snprintf(made + used, size - used, "%s", word);
		if (n < 0 || (size_t)n >= size - used)
			break;
		argv[argc++] = made + used;
		used += (size_t)n + 1;
	}
	argv[argc] = NULL;
}

/* As the host is, not as the container's root will be; with nothing of the starter's but its rights. It ends with the process that
 * becomes the monitor. */
static _Noreturn void run_program(const struct container *c, const struct op *op, int ready, int output, int alive, pid_t parent)
{
	static char made[8192];
	char *argv[MAX_WORDS + 1], *envp[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	int null = open("/dev/null", O_RDWR);

	fill_words(op, c, argv, made, sizeof made);
	/* Above those that they become. */
	ready = fcntl(ready, F_DUPFD, 16);
	output = fcntl(output, F_DUPFD, 16);
	alive = fcntl(alive, F_DUPFD, 16);
	if (setns(c->host_mntns, CLONE_NEWNS) < 0 || null < 0 || ready < 0 || output < 0 || alive < 0)
		_exit(127);
	dup2(null, 0);
	dup2(output, 1);
	dup2(output, 2);
	dup2(ready, READY_FD);
	dup2(alive, ALIVE_FD);
	if (chdir("/") < 0 || syscall(SYS_close_range, ALIVE_FD + 1, ~0u, 0) < 0)
		_exit(127);
	setsid();
	reset_signals();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent)
		_exit(127);
	execve(argv[0], argv, envp);
	dprintf(2, "%s\n", strerror(errno));
	_exit(127);
}

/* Of a pipe, both ends at once: what is written to it never kills the writer, and is dropped when it is full. */
static int open_output(int *reader)
{
	char path[64];
	int ends[2], both;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
	both = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	close(ends[1]);
	if (both < 0)
		close(ends[0]);
	else
		*reader = ends[0];
	return both;
}

/* For whoever ends it when its parent could not. */
static int record(const struct container *c, pid_t pid)
{
	_cleanup_close_ int fd = openat(c->dirfd, RECORD, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 || dprintf(fd, "%d %llu\n", pid, process_start(pid)) < 0 ? -1 : 0;
}

int start_user_network(struct container *c)
{
	struct op op = { 0 };
	_cleanup_close_ int output = -1, alive = -1;
	const char *program;
	int ends[2];
	pid_t parent = getpid();

	if (!plan_next_of(&c->plan, &op, OP_USER_NETWORK))
		return 0;
	program = op_str(&op, F_USER_NETWORK_PROGRAM);
	unlinkat(c->dirfd, READY_FILE, 0);
	if (mkfifoat(c->dirfd, READY_FILE, 0600) < 0)
		return fail_network("mkfifo", program);
	/* Open for both, so that it neither waits for the other side nor ends with it. */
	c->network_ready = openat(c->dirfd, READY_FILE, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (c->network_ready < 0)
		return fail_network("open", program);
	output = open_output(&c->network_output);
	if (output < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return fail_network("pipe2", program);
	alive = ends[0];
	c->network_alive = ends[1];
	c->network = fork();
	if (c->network == 0)
		run_program(c, &op, c->network_ready, output, alive, parent);
	return c->network < 0 || record(c, c->network) < 0 ? fail_network("fork", program) : 0;
}

/* The last line that it has said. */
static const char *last_words(const struct container *c, char *text, size_t size)
{
	ssize_t n = read(c->network_output, text, size - 1);
	char *line;

	text[n > 0 ? n : 0] = 0;
	for (size_t length = strlen(text); length > 0 && text[length - 1] == '\n';)
		text[--length] = 0;
	line = strrchr(text, '\n');
	line = line ? line + 1 : text;
	return *line ? line : "it ended without a word";
}

static int wait_for_word(const struct container *c, const char *program)
{
	_cleanup_close_ int pidfd = open_pidfd(c->network);
	int64_t deadline = monotonic_ms() + READY_MS;
	char text[2048];

	for (;;) {
		struct pollfd polled[] = { { .fd = c->network_ready, .events = POLLIN }, { .fd = pidfd, .events = POLLIN } };
		int64_t left = deadline - monotonic_ms();
		int n = left > 0 ? poll(polled, 2, (int)left) : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || pidfd < 0)
			return fail_network("poll", program);
		if (n == 0)
			return refuse("it is not ready after 10 s", program, "connect the network by '%s'", program);
		if (polled[0].revents & POLLIN)
			return 0;
		if (polled[1].revents)
			return refuse(last_words(c, text, sizeof text), program, "connect the network by '%s'", program);
	}
}

int await_user_network(struct container *c)
{
	int result;

	if (c->network <= 0)
		return 0;
	result = wait_for_word(c, program_of(c));
	close_fd(&c->network_ready);
	close_fd(&c->network_output);
	c->network_ready = c->network_output = -1;
	unlinkat(c->dirfd, READY_FILE, 0);
	return result;
}

void end_user_network(const char *dir)
{
	_cleanup_close_ int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int process = -1;
	unsigned long long start = 0;
	char text[64], *end;
	pid_t pid;

	if (dirfd < 0 || read_small_file(dirfd, RECORD, text, sizeof text) <= 0)
		return;
	pid = (pid_t)strtol(text, &end, 10);
	start = strtoull(end, NULL, 10);
	process = open_process(pid, start);
	if (process >= 0) {
		signal_pidfd(process, SIGKILL);
		wait_process(process, END_MS);
		waitpid(pid, NULL, WNOHANG);
	}
	unlinkat(dirfd, READY_FILE, 0);
	unlinkat(dirfd, RECORD, 0);
}
