/* The process that listens. It accepts and reaps; what clients say it never reads. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "signals.h"
#include "vsh-socket.h"
#include "vshd.h"

#define BACKLOG 32
/* A process each. */
#define MAX_SESSIONS 1024
/* When the machine has no process or descriptor left. */
#define PAUSE_MS 100

static int sessions;

static int open_listener(void)
{
	/* Who may connect is decided by uid; a socket that only its owner can open is the first half of that. */
	bool for_others = vshd.uids.any || vshd.uids.count;
	int fd = vshd.path ? unix_listen(vshd.path, BACKLOG, for_others ? 0666 : 0600) : vsock_listen(vshd.port, BACKLOG);

	if (fd >= 0)
		return fd;
	if (vshd.path)
		warn_errno("cannot listen on '%s': %s", vshd.path,
			   errno == ENAMETOOLONG ? "the path of a socket has at most 107 bytes"
						 : errno == EADDRINUSE ? "it is there, and in use or no socket" : "bind");
	else
		warn_errno("cannot listen on vsock port %u: %s", vshd.port,
			   errno == EAFNOSUPPORT ? "this kernel has no vsock (module 'vsock'): socket"
						 : errno == EADDRINUSE ? "somebody else does: bind" : "bind");
	exit(VSH_NOT_SERVED);
}

static void reap_sessions(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		sessions--;
}

static void accept_session(int listener)
{
	int socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	pid_t pid;

	if (socket < 0) {
		if (errno != EINTR && errno != EAGAIN && errno != ECONNABORTED) {
			vshd_log("cannot accept a connection: accept4: %s", errno_name(errno));
			poll(NULL, 0, PAUSE_MS);
		}
		return;
	}
	pid = sessions < MAX_SESSIONS ? fork() : -1;
	if (pid == 0) {
		close(listener);
		serve_session(socket);
	}
	if (pid < 0)
		vshd_log("cannot serve a session: %s", sessions < MAX_SESSIONS ? errno_name(errno) : "there are 1024 of them");
	else
		sessions++;
	close(socket);
}

int serve_all(void)
{
	static const int caught[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP };
	int listener = open_listener(), number = 0;
	int signals = catch_signals(caught, sizeof caught / sizeof *caught);

	for (;;) {
		struct pollfd polled[] = { { .fd = listener, .events = POLLIN }, { .fd = signals, .events = POLLIN } };

		if (poll(polled, 2, -1) < 0 && errno != EINTR)
			break;
		while ((number = next_signal(signals)) == SIGCHLD)
			;
		reap_sessions();
		if (number)
			break;
		if (polled[0].revents)
			accept_session(listener);
	}
	/* Sessions go on: nobody loses his work to a restart. */
	if (vshd.path)
		unlink(vshd.path);
	return 0;
}
