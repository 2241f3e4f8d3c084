/* What init says on $NOTIFY_SOCKET (sd_notify(3)): of all that, whether it is ready. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "monitor.h"

#define TURN 16

/* Lines of NAME=VALUE. */
static bool says_ready(const char *message, size_t size)
{
	static const char line[] = "READY=1";

	for (size_t at = 0; at + sizeof line - 1 <= size; at++) {
		bool begins = at == 0 || message[at - 1] == '\n';
		size_t end = at + sizeof line - 1;

		if (begins && memcmp(message + at, line, sizeof line - 1) == 0 && (end == size || message[end] == '\n' || !message[end]))
			return true;
	}
	return false;
}

/* The kernel says who has sent it; by its number in our pid namespace. */
static bool is_from_init(struct msghdr *message)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(message);
	struct ucred sender;

	if (!control || control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_CREDENTIALS)
		return false;
	memcpy(&sender, CMSG_DATA(control), sizeof sender);
	return monitor.any_notifier || sender.pid == monitor.init;
}

void notify_event(void)
{
	char control[CMSG_SPACE(sizeof(struct ucred))];

	for (int turn = 0; turn < TURN; turn++) {
		struct iovec part = { chunk, sizeof chunk };
		struct msghdr message = {
			.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control
		};
		/* Descriptors that come along (FDSTORE=1) do not fit, and are closed by the kernel. */
		ssize_t n = recvmsg(monitor.notify, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

		if (n < 0)
			return;
		if (!monitor.ready && is_from_init(&message) && says_ready((const char *)chunk, (size_t)n)) {
			monitor.ready = true;
			clients_ready();
		}
	}
}
