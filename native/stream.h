/* One direction of bytes from a descriptor to another. Descriptors that were inherited are never made non-blocking: that flag
 * belongs to the open file, which the caller's shell shares. They are polled, read when there is something, and written to without
 * waiting (RWF_NOWAIT), or in pieces that fit. From a pipe to a pipe or a file the kernel moves the pages itself (splice(2)). */
#ifndef CTR_STREAM_H
#define CTR_STREAM_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stream {
	int from, to; /* -1 once it is over */
	bool takes_any; /* `to` never blocks: ours, or a regular file */
	bool moves;     /* by splice: no byte of it comes by here */
	bool blocked;   /* there is something to move, and no room for it */
	bool no_wait;   /* `to` is written to by RWF_NOWAIT */
	bool keep;      /* the descriptors belong to a terminal: not closed at the end */
	uint8_t last;   /* last byte read; 0 where the kernel moves them */
	size_t got;     /* bytes of the last stream_fill() or stream_drain() that came in */
	size_t at, end; /* bytes[at..end) wait to be written */
	uint8_t bytes[65536];
};

/* own_to: `to` is ours and does not block. */
void stream_open(struct stream *s, int from, int to, bool own_to, bool keep);

static inline bool stream_is_empty(const struct stream *s)
{
	return s->at == s->end && !s->blocked;
}

/* Waits for input when it is empty and for room when it is not; the end of its reader is reported unasked. */
void stream_poll(const struct stream *s, struct pollfd *from, struct pollfd *to);

/* Reads once; false at the end of `from` (or an error, which is an end too). */
bool stream_fill(struct stream *s);

/* Writes once; false when nobody reads what comes out. */
bool stream_drain(struct stream *s);

/* All has been passed on: the reader learns of the end. */
void stream_finish(struct stream *s);

/* Nobody reads what comes out: the writer is to get SIGPIPE or EPIPE, as without us in between. */
void stream_break(struct stream *s);

#endif
