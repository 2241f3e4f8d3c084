/* A session up to READY, or to the reason why not. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "error.h"
#include "io.h"
#include "signals.h"
#include "vsh-socket.h"
#include "vshd.h"

/* To say what is wanted. Nobody pins a process by saying nothing. */
#define SETUP_MS 10000
/* For who has heard the end and does not hang up. */
#define HANG_UP_MS 200

static struct vsh_reader reader;
static struct vsh_setup setup;
static struct target target = { .pidfd = -1 };
static int connection = -1;
static char peer[32] = "somebody";

static void send_frame(const uint8_t *frame, size_t size)
{
	write_all(connection, frame, size);
}

static void say_ready(pid_t pid)
{
	uint8_t frame[VSH_MAX_FRAME];

	send_frame(frame, vsh_encode_response(frame, VSH_READY, "vsh ready", pid));
}

/* Whoever stands between may be about to write what nobody takes any more. To a closed socket he could not, and some drop for that what
 * they have not yet read: the exit status. */
static _Noreturn void leave(void)
{
	int64_t until = monotonic_ms() + HANG_UP_MS, left;
	struct pollfd polled = { connection, POLLIN, 0 };
	uint8_t rest[VSH_MAX_FRAME];

	shutdown(connection, SHUT_WR);
	while ((left = until - monotonic_ms()) > 0 && poll(&polled, 1, (int)left) > 0 && read(connection, rest, sizeof rest) > 0)
		;
	exit(0);
}

void end_session(int status, const char *format, ...)
{
	uint8_t frame[VSH_MAX_FRAME];
	char text[1100];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text - 16, format, args);
	va_end(args);
	if (!status) {
		vshd_log("refused to %s: %s", peer, text);
		send_frame(frame, vsh_encode_response(frame, VSH_FAILED, text, 0));
		leave();
	}
	/* The protocol has no words for this: they come as a shell's would. */
	say_ready(target.pid);
	memmove(text + 6, text, strlen(text) + 1);
	memcpy(text, "vshd: ", 6);
	strcat(text, setup.nopty ? "\n" : "\r\n");
	send_frame(frame, vsh_encode_data(frame, setup.nopty ? VSH_STDERR : VSH_STDOUT, text, strlen(text)));
	send_frame(frame, vsh_encode_status(frame, VSH_EXITED, VSH_EXITED_TEXT, status));
	leave();
}

/* Nothing of the listener's: no terminal, no descriptor, no signal's meaning. */
static void leave_listener(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	reset_signals();
	signal(SIGPIPE, SIG_IGN);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	close(null);
}

static void read_setup(void)
{
	int64_t deadline = monotonic_ms() + SETUP_MS;
	struct span request;
	const char *reason;
	int got;

	while ((got = vsh_next(&reader, &request)) == 0) {
		int64_t left = deadline - monotonic_ms();
		ssize_t n = await_readable(connection, left > 0 ? (int)left : 0) < 0 ? -1 : vsh_fill(&reader, connection);

		if (n < 0 && errno == ETIMEDOUT)
			end_session(0, "no setup request within 10 s");
		if (n == 0 || (n < 0 && errno != EINTR))
			exit(0);
	}
	if (got < 0)
		end_session(0, "the setup request is larger than %d bytes", VSH_MAX_MESSAGE);
	reason = vsh_decode_setup(request, &setup);
	if (reason)
		end_session(0, "the setup request cannot be read: %s", reason);
}

/* In the place of a container's agent this was started inside what the host wants: it is called as the machine is. */
static bool is_this_machine(const char *name)
{
	char host[256];

	if (!*name || strcmp(name, VSH_MACHINE) == 0)
		return true;
	return vshd.host_port && gethostname(host, sizeof host) == 0 && strcmp(host, name) == 0;
}

void serve_session(int socket)
{
	const char *reason;

	connection = socket;
	leave_listener();
	reason = check_peer(socket, peer, sizeof peer);
	if (reason)
		end_session(0, "%s", reason);
	read_setup();
	if (setup.argc && !setup.argv[0][0])
		end_session(0, "'' is not a command");
	if (is_this_machine(setup.target))
		open_machine(&setup, &target);
	else
		open_container_of(&setup, &target);
	if (vshd.logs_to_kernel)
		vshd_log("session of %s: user '%s', target '%s', pid %d", peer, setup.user, setup.target, target.pid);
	say_ready(target.pid);
	run_session(socket, &reader, &target);
	leave();
}
