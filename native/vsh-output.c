#include "vsh-output.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alternate-screen.h"
#include "io.h"
#include "vsh-buffer.h"

/* The descriptors are inherited: none of them is ever made non-blocking, for that flag belongs to the open file, which the caller's
 * shell shares. */

struct sink {
	int fd; /* -1 once it is over */
	bool takes_any; /* a regular file, which never blocks */
	bool no_wait;	/* written to by RWF_NOWAIT: it need not be polled first */
	bool ends; /* nothing comes any more */
	struct vsh_queue queue;
	struct vsh_parts parts; /* behind them nothing is in the queue */
};

static uint8_t bytes[2][65536];
static struct sink sinks[2] = { { .queue = { .bytes = bytes[0], .size = sizeof bytes[0] } },
				{ .queue = { .bytes = bytes[1], .size = sizeof bytes[1] } } };
static bool on_terminal;
static uint8_t last;

void output_open(bool interactive)
{
	struct stat st;

	on_terminal = interactive;
	for (int i = 0; i < 2; i++) {
		sinks[i].fd = STDOUT_FILENO + i;
		sinks[i].takes_any = fstat(sinks[i].fd, &st) == 0 && S_ISREG(st.st_mode);
		sinks[i].no_wait = true;
	}
}

/* 1 stays something, or the next descriptor would become it; stderr stays what it is, for our own words. */
static void close_sink(struct sink *sink)
{
	int null = sink->fd == STDOUT_FILENO && !on_terminal ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;

	if (null >= 0) {
		dup2(null, STDOUT_FILENO);
		close(null);
	}
	sink->fd = -1;
	sink->queue.at = sink->queue.end = 0;
	sink->parts.count = 0;
	sink->parts.size = 0;
}

/* A terminal, and Linux before 6.4, know no other way than to wait for room first. */
static ssize_t write_some(struct sink *sink, bool has_polled)
{
	const void *bytes = sink->queue.bytes + sink->queue.at;
	size_t size = queue_size(&sink->queue);

	if (sink->takes_any)
		return write(sink->fd, bytes, size);
	if (sink->no_wait) {
		ssize_t n = write_without_waiting(sink->fd, bytes, size);

		if (n >= 0 || errno != EOPNOTSUPP)
			return n;
		sink->no_wait = false;
	}
	errno = EAGAIN;
	return has_polled ? write(sink->fd, bytes, size < POLLED_PIECE ? size : POLLED_PIECE) : -1;
}

/* What it does not take at once goes into the queue. False when nobody reads it. */
static bool write_parts(struct sink *sink)
{
	ssize_t n = -1;

	errno = EAGAIN;
	if (sink->takes_any)
		n = writev(sink->fd, sink->parts.parts, sink->parts.count);
	else if (sink->no_wait)
		n = writev_without_waiting(sink->fd, sink->parts.parts, sink->parts.count);
	if (n < 0 && errno == EOPNOTSUPP) {
		sink->no_wait = false;
		errno = EAGAIN;
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		close_sink(sink);
		return false;
	}
	parts_settle(&sink->parts, &sink->queue, n > 0 ? (size_t)n : 0);
	if (sink->ends && queue_is_empty(&sink->queue))
		close_sink(sink);
	return true;
}

static bool drain(struct sink *sink, bool has_polled)
{
	if (sink->parts.count)
		return write_parts(sink);
	if (queue_is_empty(&sink->queue))
		return true;
	if (!queue_wrote(&sink->queue, write_some(sink, has_polled))) {
		close_sink(sink);
		return false;
	}
	if (sink->ends && queue_is_empty(&sink->queue))
		close_sink(sink);
	return true;
}

void output_add(int32_t stream, struct span data)
{
	struct sink *sink = stream == VSH_STDOUT ? &sinks[0] : stream == VSH_STDERR ? &sinks[1] : NULL;

	if (!sink || sink->fd < 0 || sink->ends)
		return;
	if (data.size) {
		last = data.at[data.size - 1];
		if (!parts_add(&sink->parts, &sink->queue, data)) {
			/* Too many: those that were first are first in the queue as well. */
			parts_settle(&sink->parts, &sink->queue, 0);
			queue_add(&sink->queue, data.at, data.size);
		}
		if (on_terminal && stream == VSH_STDOUT)
			alternate_screen_watch(data.at, data.size);
		return;
	}
	sink->ends = true;
	if (queue_is_empty(&sink->queue) && !sink->parts.count)
		close_sink(sink);
}

static bool has_room(struct sink *sink)
{
	return queue_room(&sink->queue) >= sink->parts.size + VSH_MAX_MESSAGE;
}

bool output_has_room(void)
{
	return has_room(&sinks[0]) && has_room(&sinks[1]);
}

bool output_is_empty(void)
{
	return queue_is_empty(&sinks[0].queue) && queue_is_empty(&sinks[1].queue);
}

void output_poll(struct pollfd polled[2])
{
	for (int i = 0; i < 2; i++)
		polled[i] = (struct pollfd){ queue_is_empty(&sinks[i].queue) ? -1 : sinks[i].fd, POLLOUT, 0 };
}

bool output_serve(const struct pollfd polled[2])
{
	bool has_stdout = true;

	if (polled[0].revents)
		has_stdout = drain(&sinks[0], true);
	if (polled[1].revents)
		drain(&sinks[1], true);
	return has_stdout;
}

bool output_flush(void)
{
	drain(&sinks[1], false);
	return drain(&sinks[0], false);
}

uint8_t output_last(void)
{
	return last;
}
