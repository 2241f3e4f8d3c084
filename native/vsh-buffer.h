/* What lies between a descriptor and the frames of a session: bytes that came in and are no whole frame yet, bytes that wait to go
 * out. Both have a bound; whoever fills them looks at the room first. */
#ifndef CTR_VSH_BUFFER_H
#define CTR_VSH_BUFFER_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/uio.h>

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

/* Reads once, `most` bytes at most, to where frames of them have their data, so that none is copied. As read(2); at the end of what is
 * read no frame. The caller knows that there is room for VSH_FRAMES_AT_ONCE of them. */
ssize_t queue_fill(struct vsh_queue *q, int fd, enum vsh_stream stream, size_t most);
/* The frame that tells the end of a stream. */
void queue_add_end(struct vsh_queue *q, enum vsh_stream stream);

/* What there is to be written. */
static inline size_t queue_size(const struct vsh_queue *q)
{
	return q->end - q->at;
}

/* After a write(2) that gave n. False when nobody reads them; what is in it is dropped then. */
bool queue_wrote(struct vsh_queue *q, ssize_t n);
/* Writes once, to what does not block. The same. */
bool queue_drain(struct vsh_queue *q, int fd);

/* Data where a reader has them, on their way past an empty queue: written from there, they are not copied. They are gone with the
 * reader's next vsh_fill(). */
#define VSH_PARTS 32
struct vsh_parts {
	struct iovec parts[VSH_PARTS];
	int count;
	size_t size;
};

/* False when the queue has to take it: it is not empty, or there are too many already. */
bool parts_add(struct vsh_parts *p, const struct vsh_queue *q, struct span data);
/* So many bytes of them have been written; the others go into the queue, which has room for them. */
void parts_settle(struct vsh_parts *p, struct vsh_queue *q, size_t written);

#endif
