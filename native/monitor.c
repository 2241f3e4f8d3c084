/* ctr-monitor: the parent of a container's init, for as long as it lives. It owns the masters of the consoles and always reads
 * them, keeps what they say in bounded logs, serves one unix socket, reaps init, writes down how it ended and becomes the
 * cleaner by exec.
 *
 * What it never does: read the plan's policy, touch cgroups, mounts or links, start a container by itself (it becomes the program
 * that does), run hooks, end init gracefully when it is itself told to end (SIGTERM means KILL), wait for a client, write to a terminal,
 * allocate memory. */
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io.h"
#include "net-keeper.h"
#include "text.h"

/* From one start to the next, at least. */
#define RESTART_MS 1000

struct monitor monitor = { .dir = -1, .log_dir = -1, .socket = -1, .epoll = -1, .init_pidfd = -1, .notify = -1 };
uint8_t chunk[CHUNK];

int watch(int operation, int fd, uint32_t events, enum event_kind kind, int index)
{
	struct epoll_event event = { .events = events, .data.u32 = (uint32_t)kind << 8 | (uint32_t)index };

	return epoll_ctl(monitor.epoll, operation, fd, &event);
}

int kill_init(void)
{
	int result = signal_pidfd(monitor.init_pidfd, SIGKILL);

	monitor.stop_asked = true;
	/* Frozen by v1 it does not die before it runs again; v2 lets SIGKILL through. */
	thaw_groups();
	return result;
}

static void set_nonblocking(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* SIGTERM and SIGINT come as events. SIGHUP too, and means nothing: the monitor belongs to no terminal. */
static int watch_signals(void)
{
	sigset_t signals;
	int fd;

	for (int signal_number = 1; signal_number < NSIG; signal_number++)
		signal(signal_number, SIG_DFL);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_SETMASK, &signals, NULL);
	fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	watch(EPOLL_CTL_ADD, fd, EPOLLIN, EVENT_SIGNAL, 0);
	return fd;
}

static int prepare(void)
{
	int signals;

	/* Nobody may trace it or read its memory, whatever ids it shares with somebody. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	monitor.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (monitor.epoll < 0)
		return -1;
	signals = watch_signals();
	watch(EPOLL_CTL_ADD, monitor.init_pidfd, EPOLLIN, EVENT_INIT, 0);
	if (monitor.socket >= 0) {
		set_nonblocking(monitor.socket);
		watch(EPOLL_CTL_ADD, monitor.socket, EPOLLIN, EVENT_SOCKET, 0);
	}
	if (monitor.notify >= 0)
		watch(EPOLL_CTL_ADD, monitor.notify, EPOLLIN, EVENT_NOTIFY, 0);
	monitor.since_ms = monotonic_ms();
	for (int i = 0; i < monitor.console_count; i++) {
		set_nonblocking(monitor.consoles[i].master);
		log_open(i);
		console_open(i);
	}
	return signals;
}

static void read_signals(int fd)
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof info) == sizeof info)
		if (info.ssi_signo != SIGHUP)
			kill_init();
}

/* True when init has ended. */
static bool handle_event(const struct epoll_event *event, int signals)
{
	int index = (int)(event->data.u32 & 0xff);

	switch ((enum event_kind)(event->data.u32 >> 8)) {
	case EVENT_SOCKET:
		clients_accept();
		return false;
	case EVENT_SIGNAL:
		read_signals(signals);
		return false;
	case EVENT_CONSOLE:
		console_event(index, event->events);
		return false;
	case EVENT_CLIENT:
		client_event(index, event->events);
		return false;
	case EVENT_NOTIFY:
		notify_event();
		return false;
	case EVENT_INIT:
		return true;
	}
	return false;
}

static bool serve_once(int signals, int timeout_ms)
{
	struct epoll_event events[8];
	bool ended = false;
	int count = epoll_wait(monitor.epoll, events, sizeof events / sizeof *events, timeout_ms);

	for (int i = 0; i < count; i++)
		ended |= handle_event(&events[i], signals);
	if (count < 0 && errno != EINTR)
		return true;
	if (monitor.retry) {
		/* EEXIST when the socket is watched already. */
		watch(EPOLL_CTL_ADD, monitor.socket, EPOLLIN, EVENT_SOCKET, 0);
		monitor.retry = consoles_retry();
	}
	return ended;
}

static void serve(int signals)
{
	while (!serve_once(signals, monitor.retry ? RETRY_MS : -1))
		;
}

/* init has ended, and with it every process of its pid namespace: the kernel reports it only then. */
static int reap_init(void)
{
	int status = 0;

	while (waitpid(monitor.init, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* Same pid, another program. A signal that came after init's end has nobody to end any more, and must not end the clean-up. */
static void become(const char *command, int signals)
{
	struct text fast = { 0 };
	char *arguments[] = { "clone-helper", (char *)command, (char *)monitor.run_path, fast.bytes, NULL };
	sigset_t none;

	text_add_number(&fast, monitor.fast);
	if (strcmp(command, "restart") != 0)
		arguments[3] = NULL;
	read_signals(signals);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(monitor.helper, arguments);
}

/* A container that ends at once is not started anew more often than each second. Who asks for a stop meanwhile, by a signal or on
 * the socket, has it. */
static enum continuation wait_out(int signals)
{
	int64_t left;

	watch(EPOLL_CTL_DEL, monitor.init_pidfd, 0, EVENT_INIT, 0);
	while (!monitor.stop_asked && (left = monitor.since_ms + RESTART_MS - monotonic_ms()) > 0)
		serve_once(signals, (int)left);
	return monitor.stop_asked ? CONTINUE_STOP : CONTINUE_RESTART;
}

/* What is left stays as it is until somebody ends it. */
static void preserve(int signals)
{
	struct pollfd polled = { .fd = signals, .events = POLLIN };

	monitor.stop_asked = false;
	while (!monitor.stop_asked)
		if (poll(&polled, 1, -1) > 0)
			read_signals(signals);
}

int main(int argc, char **argv)
{
	enum continuation next;
	int signals, status;

	if (argc > 1 && strcmp(argv[1], "--keep-network") == 0)
		return keep_network(argc, argv);
	read_options(argc, argv);
	signals = prepare();
	if (signals < 0)
		kill_init();
	else
		serve(signals);
	status = reap_init();
	consoles_drain();
	next = decide_end(status);
	if (next == CONTINUE_RESTART)
		next = wait_out(signals);
	record_exit(status, next);
	clients_exit(status);
	if (next == CONTINUE_PRESERVE)
		preserve(signals);
	become(next == CONTINUE_RESTART ? "restart" : "cleanup", signals);
	return 1;
}
