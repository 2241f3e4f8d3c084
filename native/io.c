#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

#include "fd.h"
#include "text.h"

#ifndef RWF_NOWAIT
#define RWF_NOWAIT 8
#endif

static uint64_t clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int64_t monotonic_ms(void)
{
	return (int64_t)clock_ms(CLOCK_MONOTONIC);
}

uint64_t wall_clock_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

ssize_t writev_without_waiting(int fd, const struct iovec *parts, int count)
{
	ssize_t n = syscall(SYS_pwritev2, fd, parts, (long)count, -1L, -1L, RWF_NOWAIT);

	if (n < 0 && (errno == EINVAL || errno == ENOSYS))
		errno = EOPNOTSUPP;
	return n;
}

ssize_t write_without_waiting(int fd, const void *bytes, size_t size)
{
	struct iovec part = { (void *)bytes, size };

	return writev_without_waiting(fd, &part, 1);
}

int write_all(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

static ssize_t read_text_file(int dirfd, const char *name, char *text, size_t size, bool to_the_end)
{
	_cleanup_close_ int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	size_t got = 0;
	ssize_t n;

	if (fd < 0)
		return -1;
	while (got < size && (n = read(fd, text + got, size - got)) != 0) {
		if (n > 0)
			got += (size_t)n;
		else if (errno != EINTR)
			return -1;
		if (n > 0 && !to_the_end)
			break;
	}
	if (got == size) {
		errno = EFBIG;
		return -1;
	}
	text[got] = 0;
	return (ssize_t)got;
}

ssize_t read_small_file(int dirfd, const char *name, char *text, size_t size)
{
	return read_text_file(dirfd, name, text, size, true);
}

ssize_t read_at_once(int dirfd, const char *name, char *text, size_t size)
{
	return read_text_file(dirfd, name, text, size, false);
}

int open_in_root(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	/* openat2 refuses flags that O_PATH would ignore. */
	if (!(flags & O_PATH))
		how.flags |= O_NOCTTY;
	/* EAGAIN: a rename somewhere raced with the look-up of '..'. */
	for (int tries = 0; tries < 32; tries++) {
		fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd;
}

int reopen(int fd, int flags)
{
	struct text path = { 0 };

	text_add(&path, "/proc/self/fd/");
	text_add_number(&path, (uint64_t)fd);
	return open(path.bytes, flags | O_CLOEXEC | O_NOCTTY);
}

int open_pidfd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

int signal_pidfd(int pidfd, int signal_number)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, signal_number, NULL, 0);
}

bool parse_number(const char *text, uint64_t max, uint64_t *number)
{
	uint64_t sum = 0;

	if (!*text || (text[0] == '0' && text[1]))
		return false;
	for (; *text; text++) {
		unsigned digit = (unsigned)*text - '0';

		if (digit > 9 || sum > (max - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*number = sum;
	return sum <= max;
}
