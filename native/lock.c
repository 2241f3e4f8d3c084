/* `lock FD MS`: LOCK_EX on an open file that the caller has as well. flock(2) belongs to the open file, so the lock stays with
 * the caller when this process ends. 75 (EX_TEMPFAIL) when somebody else still holds it after the time. */
#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/time.h>

#include "commands.h"
#include "error.h"
#include "io.h"
#include "lock.h"

#define TIMED_OUT 75

static void nothing(int number)
{
	(void)number;
}

/* SIGALRM ends the wait in flock(2). It comes again and again: the first may come just before the call. */
static void start_timer(uint64_t timeout_ms)
{
	struct sigaction action = { .sa_handler = nothing };
	struct itimerval timer = {
		.it_value = { .tv_sec = (time_t)(timeout_ms / 1000), .tv_usec = (suseconds_t)(timeout_ms % 1000 * 1000) },
		.it_interval = { .tv_usec = 20000 },
	};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

int lock_file(int fd, uint64_t timeout_ms)
{
	int64_t deadline;
	int result;

	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK || timeout_ms == 0)
		return -1;
	deadline = monotonic_ms() + (int64_t)timeout_ms;
	start_timer(timeout_ms);
	do
		result = flock(fd, LOCK_EX);
	while (result < 0 && errno == EINTR && monotonic_ms() < deadline);
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	if (result < 0 && errno == EINTR)
		errno = EWOULDBLOCK;
	return result;
}

int lock_main(int argc, char **argv)
{
	uint64_t fd, timeout_ms;

	if (argc != 3 || !parse_number(argv[1], 1 << 20, &fd) || !parse_number(argv[2], 1u << 30, &timeout_ms))
		die(2, "usage: clone-helper lock FD MS");
	if (lock_file((int)fd, timeout_ms) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return TIMED_OUT;
	warn_errno("cannot lock descriptor %d: flock", (int)fd);
	return 1;
}
