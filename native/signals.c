#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static int write_end = -1;

static void note_signal(int number)
{
	int saved = errno;
	unsigned char byte = (unsigned char)number;

	/* A full pipe: so many are waiting that one more says nothing new. */
	(void)!write(write_end, &byte, 1);
	errno = saved;
}

int catch_signals(const int *numbers, size_t count)
{
	struct sigaction action = { .sa_handler = note_signal }, old;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	write_end = ends[1];
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < count; i++) {
		/* No SA_RESTART: a blocked write is to be left. */
		sigaction(numbers[i], NULL, &old);
		if (old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
	return ends[0];
}

int next_signal(int fd)
{
	unsigned char byte;

	return read(fd, &byte, 1) == 1 ? byte : 0;
}

void reset_signals(void)
{
	/* As the kernel takes it, zeroes: SIG_DFL. A libc keeps some of the real-time signals for itself, and refuses to touch them. */
	static const unsigned char by_default[64];
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		syscall(SYS_rt_sigaction, number, by_default, NULL, 8);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
