/* What the starter and init say to each other during a start: the starter's side. */
#include "sync.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "error.h"

/* init's own failure, which it has sent before it ended. */
static int adopt_failure(const char *message, ssize_t length)
{
	if (length == (ssize_t)(1 + sizeof failure)) {
		memcpy(&failure, message + 1, sizeof failure);
		errno = failure.err;
		return -1;
	}
	return refuse("init ended without a word", "", "run init");
}

/* init was killed before it ran. By nobody but the kernel: its memory limit is too small for a program at all. */
static int explain_death(const struct container *c)
{
	siginfo_t info = { 0 };

	if (waitid(P_PIDFD, (id_t)c->init_pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == c->init &&
	    info.si_code != CLD_EXITED)
		return refuse("it was killed before it ran: the memory limit is too small", plan_name(&c->plan), "run init");
	return refuse("it ended before it ran", plan_name(&c->plan), "run init");
}

int say_to_init(const struct container *c, enum sync_message word)
{
	char message = (char)word;

	/* EPIPE: init has failed and is gone; what it said is in the socket. */
	return send(c->sync, &message, 1, MSG_NOSIGNAL) == 1 || errno == EPIPE || errno == ECONNRESET
		       ? 0
		       : fail("send", "", "speak with init");
}

/* Its next word must be this one. */
static int await_word(const struct container *c, enum sync_message word)
{
	char message[1 + sizeof failure];
	ssize_t n;

	do
		n = recv(c->sync, message, sizeof message, 0);
	while (n < 0 && errno == EINTR);
	if (n >= 1 && message[0] == SYNC_FAILED)
		return adopt_failure(message, n);
	return n == 1 && message[0] == (char)word ? 0 : explain_death(c);
}

static int hear_networked(struct container *c)
{
	if (!c->networked && await_word(c, SYNC_NETWORKED) < 0)
		return -1;
	c->networked = true;
	return 0;
}

int await_networked(struct container *c)
{
	/* A first stage may look into init no earlier than that is root of its own. */
	return c->first_stage ? await_settled(c) : hear_networked(c);
}

int await_settled(struct container *c)
{
	if (c->settled)
		return 0;
	/* Without the groups it would wait for ever. */
	if (await_host_objects(c) < 0 || hear_networked(c) < 0 || await_word(c, SYNC_SETTLED) < 0)
		return -1;
	c->settled = true;
	return 0;
}

int await_ready(const struct container *c)
{
	return await_word(c, SYNC_READY);
}

int await_exec(const struct container *c)
{
	char message[1 + sizeof failure];
	bool ready = false;

	for (;;) {
		ssize_t n = recv(c->sync, message, sizeof message, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n >= 1 && message[0] == SYNC_FAILED)
			return adopt_failure(message, n);
		if (n == 1 && message[0] == SYNC_EXEC) {
			ready = true;
			continue;
		}
		/* The end: exec has closed init's side. Or init has died on the way. */
		if (ready) {
			siginfo_t info = { 0 };

			if (waitid(P_PIDFD, (id_t)c->init_pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid &&
			    info.si_code == CLD_KILLED && info.si_status == SIGKILL)
				return explain_death(c);
			return 0;
		}
		return explain_death(c);
	}
}

int prefer_word_of_init(const struct container *c)
{
	char message[1 + sizeof failure];
	ssize_t n;

	while ((n = recv(c->sync, message, sizeof message, MSG_DONTWAIT)) >= 1)
		if (message[0] == SYNC_FAILED)
			return adopt_failure(message, n);
	return -1;
}
