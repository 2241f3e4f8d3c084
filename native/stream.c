#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

/* What one splice(2) moves at the most: more than any pipe holds. */
#define MOVE (1u << 20)

static bool is_kind(int fd, mode_t first, mode_t second)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && ((st.st_mode & S_IFMT) == first || (st.st_mode & S_IFMT) == second);
}

void stream_open(struct stream *s, int from, int to, bool own_to, bool keep)
{
	s->from = from;
	s->to = to;
	s->keep = keep;
	s->takes_any = own_to || is_kind(to, S_IFREG, S_IFREG);
	s->no_wait = true;
	/* A pipe on both sides, or one and a file: nothing else is sure not to make splice(2) wait. */
	s->moves = is_kind(from, S_IFIFO, S_IFREG) && is_kind(to, S_IFIFO, S_IFREG) &&
		   (is_kind(from, S_IFIFO, S_IFIFO) || is_kind(to, S_IFIFO, S_IFIFO));
}

void stream_poll(const struct stream *s, struct pollfd *from, struct pollfd *to)
{
	bool empty = stream_is_empty(s);

	*from = (struct pollfd){ .fd = empty ? s->from : -1, .events = POLLIN };
	*to = (struct pollfd){ .fd = s->to, .events = empty ? 0 : POLLOUT };
}

/* What polls as readable and cannot be moved waits for room; what polls as having room, and cannot be moved, for bytes. */
static bool move(struct stream *s, bool has_room)
{
	ssize_t n = splice(s->from, NULL, s->to, NULL, MOVE, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);

	s->blocked = n < 0 && errno == EAGAIN && !has_room;
	if (n > 0)
		s->got = (size_t)n;
	if (n >= 0)
		return n > 0;
	/* A file that is appended to, a file system that has no splice. */
	if (errno == EINVAL)
		s->moves = false;
	/* A reader that is gone is told by poll(2). */
	return errno == EINVAL || errno == EAGAIN || errno == EINTR || errno == EPIPE;
}

bool stream_fill(struct stream *s)
{
	ssize_t n;

	s->got = 0;
	if (s->moves)
		return move(s, false);
	n = read(s->from, s->bytes, sizeof s->bytes);

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	s->at = 0;
	s->end = s->got = (size_t)n;
	s->last = s->bytes[n - 1];
	return true;
}

/* It has polled as having room. */
static ssize_t write_some(struct stream *s, const void *bytes, size_t size)
{
	if (s->takes_any)
		return write(s->to, bytes, size);
	if (s->no_wait && size > POLLED_PIECE) {
		ssize_t n = write_without_waiting(s->to, bytes, size);

		if (n >= 0 || errno != EOPNOTSUPP)
			return n;
		s->no_wait = false;
	}
	return write(s->to, bytes, size < POLLED_PIECE ? size : POLLED_PIECE);
}

bool stream_drain(struct stream *s)
{
	ssize_t n;

	s->got = 0;
	if (s->blocked)
		return move(s, true);
	n = write_some(s, s->bytes + s->at, s->end - s->at);

	if (n > 0)
		s->at += (size_t)n;
	return n >= 0 || errno == EAGAIN || errno == EINTR;
}

/* 0 to 2 stay something: what is opened next must not become one of them. stderr stays what it is, for our own words. */
static void let_go(const struct stream *s, int *fd)
{
	if (*fd >= 0 && !s->keep && *fd != STDERR_FILENO) {
		int null = *fd < STDERR_FILENO ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;

		if (null < 0 || dup2(null, *fd) < 0)
			close(*fd);
		if (null >= 0)
			close(null);
	}
	*fd = -1;
}

void stream_finish(struct stream *s)
{
	let_go(s, &s->from);
	let_go(s, &s->to);
}

void stream_break(struct stream *s)
{
	s->at = s->end = 0;
	s->blocked = false;
	stream_finish(s);
}
