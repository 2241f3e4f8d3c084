#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vshd.h"

/* What a process of a container gets to end in, after the hang-up: then its waiter kills it. */
#define HANG_UP_MS 1000

/* To its process group, as a terminal would. */
void target_signal(const struct target *t, int number)
{
	unsigned char byte = (unsigned char)number;

	if (!t->child)
		send(t->relay.waiter, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	else if (kill(-t->child, number) < 0)
		kill(t->child, number);
}

void target_size(const struct target *t, int32_t rows, int32_t cols)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };

	if (t->relay.terminal >= 0 && rows >= 1 && rows <= 65535 && cols >= 1 && cols <= 65535)
		ioctl(t->relay.terminal, TIOCSWINSZ, &size);
}

/* A process that was only stopped has not ended. */
bool target_ended(const struct target *t, int *status)
{
	struct ending ending;
	ssize_t n;

	if (t->child)
		return waitpid(t->child, status, WNOHANG) == t->child;
	n = recv(t->relay.waiter, &ending, sizeof ending, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	/* Without that word the waiter was killed, and its child with it. */
	*status = n == sizeof ending ? ending.status : SIGKILL;
	return true;
}

static void close_streams(struct relay *relay)
{
	const int all[] = { relay->terminal, relay->in, relay->out, relay->err };

	for (int i = 0; i < 4; i++)
		if (all[i] >= 0)
			close(all[i]);
}

/* The kernel sends SIGHUP to who has the terminal when the master closes; without one it is ours to say. */
void target_hang_up(struct target *t)
{
	if (t->relay.terminal < 0 || !t->child)
		target_signal(t, SIGHUP);
	close_streams(&t->relay);
	if (!t->child)
		poll(&(struct pollfd){ .fd = t->relay.waiter, .events = POLLIN }, 1, HANG_UP_MS);
}
