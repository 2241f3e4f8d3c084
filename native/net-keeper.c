/* The keeper of a network: parent of its name server, which it starts again when that ends. It is PID 1 of a PID namespace, so that
 * nothing outlives it, and it ends by SIGTERM or SIGKILL, with the network. What the server says goes to a log of two halves.
 *
 * SIGHUP is handed on: the server reads its files again. SIGUSR1: the server is ended, the leases whose MAC addresses are in the file
 * `released` are taken out, and it is started again. */
#include "net-keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io.h"
#include "net-leases.h"
#include "text.h"

#define LOG "keeper.log"
#define LOG_HALF (32 * 1024)
#define READY_FILE "dnsmasq.pid"
#define READY_MS 10000
/* From one end of the server to its next start; doubled with each, till it has run for a while. */
#define FIRST_DELAY_MS 100
#define LAST_DELAY_MS 30000
#define STEADY_MS 60000

static struct {
	char **argv;
	int output[2], log, signals, ready;
	pid_t server;
	int64_t since_ms, again_ms; /* 0: it runs */
	int delay_ms;
	bool ends;
} keeper = { .log = -1, .ready = -1 };

static void write_log(const char *bytes, size_t size)
{
	if (keeper.log >= 0 && lseek(keeper.log, 0, SEEK_END) > LOG_HALF) {
		close(keeper.log);
		keeper.log = -1;
		rename(LOG, LOG ".1");
	}
	if (keeper.log < 0)
		keeper.log = open(LOG, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	write_all(keeper.log, bytes, size);
}

static void log_words(const char *words, uint64_t number, const char *behind)
{
	struct text text = { 0 };

	text_add(&text, "keeper: ");
	text_add(&text, words);
	text_add_number(&text, number);
	text_add(&text, behind);
	text_add(&text, "\n");
	write_log(text.bytes, text.length);
}

static void start_server(void)
{
	sigset_t none;

	unlink(READY_FILE);
	keeper.since_ms = monotonic_ms();
	keeper.again_ms = 0;
	keeper.server = fork();
	if (keeper.server != 0)
		return;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(keeper.output[1], 1);
	dup2(keeper.output[1], 2);
	execve(keeper.argv[0], keeper.argv, (char *[]){ "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL });
	write_all(2, "it cannot be run\n", 17);
	_exit(127);
}

static size_t read_output(char *bytes, size_t size)
{
	ssize_t n = read(keeper.output[0], bytes, size);

	if (n <= 0)
		return 0;
	write_log(bytes, (size_t)n);
	return (size_t)n;
}

/* What it has said when it ends at its first start is for whoever waits: why there is no network. */
static void tell_failure(void)
{
	char said[512];
	size_t size = read_output(said, sizeof said);

	if (keeper.ready < 0)
		return;
	write_all(keeper.ready, size ? said : "it ended without a word\n", size ? size : 24);
	_exit(1);
}

static void plan_next_start(int status)
{
	tell_failure();
	if (monotonic_ms() - keeper.since_ms > STEADY_MS)
		keeper.delay_ms = FIRST_DELAY_MS;
	log_words(WIFSIGNALED(status) ? "the server was killed by signal " : "the server ended with status ",
		  (uint64_t)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)), "");
	log_words("it is started again in ", (uint64_t)keeper.delay_ms, " ms");
	keeper.again_ms = monotonic_ms() + keeper.delay_ms;
	keeper.delay_ms = keeper.delay_ms * 2 > LAST_DELAY_MS ? LAST_DELAY_MS : keeper.delay_ms * 2;
}

/* PID 1 has everybody's children. */
static void reap(void)
{
	pid_t pid;

	for (int status; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
		if (pid == keeper.server) {
			keeper.server = 0;
			plan_next_start(status);
		}
}

static void end_server(void)
{
	if (keeper.server <= 0)
		return;
	kill(keeper.server, SIGTERM);
	for (int i = 0; i < 200 && waitpid(keeper.server, NULL, WNOHANG) == 0; i++) {
		if (i == 199)
			kill(keeper.server, SIGKILL);
		poll(NULL, 0, 5);
	}
	keeper.server = 0;
}

static void release_leases(void)
{
	end_server();
	log_words("leases released: ", drop_leases("leases", "released"), "");
	unlink("released");
	start_server();
}

static void serve_signal(void)
{
	struct signalfd_siginfo info;

	while (read(keeper.signals, &info, sizeof info) == sizeof info) {
		if (info.ssi_signo == SIGTERM)
			keeper.ends = true;
		else if (info.ssi_signo == SIGHUP && keeper.server > 0)
			kill(keeper.server, SIGHUP);
		else if (info.ssi_signo == SIGUSR1)
			release_leases();
	}
	reap();
}

/* Once the server has written its file it has its ports. */
static void tell_ready(void)
{
	if (keeper.ready < 0)
		return;
	if (access(READY_FILE, F_OK) == 0) {
		write_all(keeper.ready, "", 1);
		close(keeper.ready);
		keeper.ready = -1;
	} else if (monotonic_ms() - keeper.since_ms > READY_MS) {
		write_all(keeper.ready, "it is not ready after 10 s\n", 27);
		_exit(1);
	}
}

static int timeout_now(void)
{
	int64_t left = keeper.again_ms - monotonic_ms();

	if (keeper.ready >= 0)
		return 1;
	return keeper.again_ms == 0 ? -1 : left > 0 ? (int)left : 0;
}

static int prepare(void)
{
	static const int handled[] = { SIGTERM, SIGHUP, SIGUSR1, SIGCHLD };
	sigset_t signals;

	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof handled / sizeof *handled; i++)
		sigaddset(&signals, handled[i]);
	sigprocmask(SIG_SETMASK, &signals, NULL);
	keeper.signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	keeper.delay_ms = FIRST_DELAY_MS;
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return keeper.signals < 0 || pipe2(keeper.output, O_CLOEXEC) < 0 || fcntl(keeper.output[0], F_SETFL, O_NONBLOCK) < 0 ? -1 : 0;
}

int keep_network(int argc, char **argv)
{
	uint64_t ready;
	char bytes[1024];

	if (argc < 4 || !parse_number(argv[2], 1023, &ready) || prepare() < 0)
		return 2;
	keeper.ready = (int)ready;
	fcntl(keeper.ready, F_SETFD, FD_CLOEXEC);
	keeper.argv = argv + 3;
	start_server();
	while (!keeper.ends) {
		struct pollfd polled[] = { { .fd = keeper.signals, .events = POLLIN }, { .fd = keeper.output[0], .events = POLLIN } };

		poll(polled, 2, timeout_now());
		if (polled[1].revents)
			/* At the first start its last words are kept for whoever waits. */
			if (keeper.ready < 0)
				read_output(bytes, sizeof bytes);
		if (polled[0].revents)
			serve_signal();
		tell_ready();
		if (keeper.again_ms && monotonic_ms() >= keeper.again_ms)
			start_server();
	}
	end_server();
	return 0;
}
