/* System calls that libc has no wrapper for, and reads and writes that go on after a signal. No stdio and no allocation: the
 * monitor links this. */
#ifndef CTR_IO_H
#define CTR_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Milliseconds of CLOCK_MONOTONIC: no step of the host's clock changes a time-out. */
int64_t monotonic_ms(void);

/* Milliseconds since the epoch. */
uint64_t wall_clock_ms(void);

/* A pipe that polls as writable takes so much at once (PIPE_BUF, pipe(7)). */
#define POLLED_PIECE 4096

/* As write(2) to what is not ours to make non-blocking: EAGAIN where it would wait, EOPNOTSUPP where that cannot be known beforehand
 * (a terminal; a pipe before Linux 6.4). */
ssize_t write_without_waiting(int fd, const void *bytes, size_t size);
struct iovec;
ssize_t writev_without_waiting(int fd, const struct iovec *parts, int count);

/* Writes all of it; -1 with errno. */
int write_all(int fd, const void *bytes, size_t size);

/* Reads a file below dirfd that is small by nature, with a NUL behind it; -1 with errno, EFBIG when it does not fit. */
ssize_t read_small_file(int dirfd, const char *name, char *text, size_t size);

/* The same for what one read gives whole, which spares the second that would only find the end: a regular file that nobody is
 * writing, a file of a cgroup, /proc/PID/stat and cgroup. Not for lists of records, as /proc/net has them. */
ssize_t read_at_once(int dirfd, const char *name, char *text, size_t size);

/* Opens `path` as if root were "/": symbolic links stay inside, magic links (/proc/PID/fd/N) are refused. O_CLOEXEC and
 * O_NOCTTY are added to flags. -1 with errno. */
int open_in_root(int root, const char *path, int flags);

/* Opens again, with other flags, what an O_PATH descriptor means: no second look-up by name. */
int reopen(int fd, int flags);

/* pidfd_open(2), pidfd_send_signal(2). */
int open_pidfd(pid_t pid);
int signal_pidfd(int pidfd, int signal_number);

/* A decimal number without sign, blanks or leading zeros, at most max. */
bool parse_number(const char *text, uint64_t max, uint64_t *number);

#endif
