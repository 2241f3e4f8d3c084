/* ctr-monitor: the parent of a container's init, for as long as it lives. It owns the masters of the consoles and always reads
 * them, keeps what they say in bounded logs, serves one unix socket, reaps init, writes down how it ended and becomes the
 * cleaner by exec.
 *
 * What it never does: read the plan's policy, touch cgroups, mounts or links, restart a container that died by itself, run
 * hooks, end init gracefully when it is itself told to end (SIGTERM means KILL), wait for a client, write to a terminal,
 * allocate memory. */
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io.h"

struct monitor monitor = { .dir = -1, .log_dir = -1, .socket = -1, .epoll = -1, .init_pidfd = -1 };
uint8_t chunk[CHUNK];

int watch(int operation, int fd, uint32_t events, enum event_kind kind, int index)
{
	struct epoll_event event = { .events = events, .data.u32 = (uint32_t)kind << 8 | (uint32_t)index };

	return epoll_ctl(monitor.epoll, operation, fd, &event);
}

int kill_init(void)
{
	monitor.stop_asked = true;
	return signal_pidfd(monitor.init_pidfd, SIGKILL);
}

/* A number that the starter gave; there is nobody to complain to but the exit status. */
static uint64_t number_of(const char *text)
{
	uint64_t number;

	if (!parse_number(text, INT64_MAX, &number))
		_exit(2);
	return number;
}

static int descriptor_of(const char *text)
{
	int fd = (int)number_of(text);

	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		_exit(2);
	return fd;
}

static void add_console(int master)
{
	if (monitor.console_count == MAX_CONSOLES)
		_exit(2);
	monitor.consoles[monitor.console_count++].master = master;
}

static void read_option(const char *option, const char *value)
{
	if (strcmp(option, "--name") == 0)
		return; /* for those who read our command line */
	if (strcmp(option, "--dir") == 0)
		monitor.dir = descriptor_of(value);
	else if (strcmp(option, "--log-dir") == 0)
		monitor.log_dir = descriptor_of(value);
	else if (strcmp(option, "--log-limit") == 0)
		monitor.log_half = number_of(value) / 2;
	else if (strcmp(option, "--on-reboot") == 0)
		monitor.restart_on_reboot = strcmp(value, "restart") == 0;
	else if (strcmp(option, "--socket") == 0)
		monitor.socket = descriptor_of(value);
	else if (strcmp(option, "--init") == 0)
		monitor.init = (pid_t)number_of(value);
	else if (strcmp(option, "--pidfd") == 0)
		monitor.init_pidfd = descriptor_of(value);
	else if (strcmp(option, "--console") == 0)
		add_console(descriptor_of(value));
	else if (strcmp(option, "--helper") == 0)
		monitor.helper = value;
	else if (strcmp(option, "--path") == 0)
		monitor.run_path = value;
	else
		_exit(2);
}

static void read_options(int argc, char **argv)
{
	if (argc % 2 == 0)
		_exit(2);
	for (int i = 1; i < argc; i += 2)
		read_option(argv[i], argv[i + 1]);
	if (monitor.dir < 0 || monitor.init <= 0 || monitor.init_pidfd < 0 || !monitor.helper || !monitor.run_path)
		_exit(2);
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
	case EVENT_INIT:
		return true;
	}
	return false;
}

static void serve(int signals)
{
	struct epoll_event events[8];
	bool ended = false;

	while (!ended) {
		int count = epoll_wait(monitor.epoll, events, sizeof events / sizeof *events, monitor.retry ? RETRY_MS : -1);

		for (int i = 0; i < count; i++)
			ended |= handle_event(&events[i], signals);
		if (count < 0 && errno != EINTR)
			break;
		if (monitor.retry) {
			/* EEXIST when the socket is watched already. */
			watch(EPOLL_CTL_ADD, monitor.socket, EPOLLIN, EVENT_SOCKET, 0);
			monitor.retry = consoles_retry();
		}
	}
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
	char *arguments[] = { "clone-helper", (char *)command, (char *)monitor.run_path, NULL };
	sigset_t none;

	read_signals(signals);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(monitor.helper, arguments);
}

int main(int argc, char **argv)
{
	bool again;
	int signals, status;

	read_options(argc, argv);
	signals = prepare();
	if (signals < 0)
		kill_init();
	else
		serve(signals);
	status = reap_init();
	consoles_drain();
	again = record_exit(status);
	clients_exit(status);
	become(again ? "restart" : "cleanup", signals);
	return 1;
}
