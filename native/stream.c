#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe that polls as writable takes so much at once (PIPE_BUF, pipe(7)). */
#define PIECE 4096

void stream_open(struct stream *s, int from, int to, bool own_to, bool keep)
{
	struct stat st;

	s->from = from;
	s->to = to;
	s->keep = keep;
	s->takes_any = own_to || (fstat(to, &st) == 0 && S_ISREG(st.st_mode));
}

void stream_poll(const struct stream *s, struct pollfd *from, struct pollfd *to)
{
	bool empty = stream_is_empty(s);

	*from = (struct pollfd){ .fd = empty ? s->from : -1, .events = POLLIN };
	*to = (struct pollfd){ .fd = s->to, .events = empty ? 0 : POLLOUT };
}

bool stream_fill(struct stream *s)
{
	ssize_t n = read(s->from, s->bytes, sizeof s->bytes);

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	s->at = 0;
	s->end = (size_t)n;
	s->last = s->bytes[n - 1];
	return true;
}

bool stream_drain(struct stream *s)
{
	size_t size = s->end - s->at;
	ssize_t n = write(s->to, s->bytes + s->at, s->takes_any || size < PIECE ? size : PIECE);

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
	stream_finish(s);
}
