/* What lies between a descriptor and the frames of a session: bytes that came in and are no whole frame yet, bytes that wait to go
 * out. Both have a bound; whoever fills them looks at the room first. */
#ifndef CTR_VSH_BUFFER_H
#define CTR_VSH_BUFFER_H

#include <stdbool.h>
#include <sys/types.h>

#include "vsh-message.h"

struct vsh_reader {
	size_t at, end;
	uint8_t bytes[65536];
};

/* Reads once. As read(2). */
ssize_t vsh_fill(struct vsh_reader *r, int fd);

/* Takes the next frame off: 1 with its message, valid until the next vsh_fill(); 0: it is not all there; -1: it is too long. */
int vsh_next(struct vsh_reader *r, struct span *message);

struct vsh_queue {
	uint8_t *bytes;
	size_t size, at, end;
};

static inline bool queue_is_empty(const struct vsh_queue *q)
{
	return q->at == q->end;
}

/* Room at its end, once what is left has been moved to its beginning. */
size_t queue_room(struct vsh_queue *q);
/* The caller knows that there is room. */
void queue_add(struct vsh_queue *q, const void *bytes, size_t size);

/* The data in frames behind it. The caller knows that there is room for so many. */
void queue_add_data(struct vsh_queue *q, enum vsh_stream stream, const uint8_t *bytes, size_t size);

/* What there is to be written. */
static inline size_t queue_size(const struct vsh_queue *q)
{
	return q->end - q->at;
}

/* After a write(2) that gave n. False when nobody reads them; what is in it is dropped then. */
bool queue_wrote(struct vsh_queue *q, ssize_t n);
/* Writes once, to what does not block. The same. */
bool queue_drain(struct vsh_queue *q, int fd);

#endif
