#include "vsh-buffer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

ssize_t vsh_fill(struct vsh_reader *r, int fd)
{
	ssize_t n;

	if (r->at == r->end) {
		r->at = r->end = 0;
	} else if (sizeof r->bytes - r->at < VSH_MAX_FRAME) {
		memmove(r->bytes, r->bytes + r->at, r->end - r->at);
		r->end -= r->at;
		r->at = 0;
	}
	n = read(fd, r->bytes + r->end, sizeof r->bytes - r->end);
	if (n > 0)
		r->end += (size_t)n;
	return n;
}

int vsh_next(struct vsh_reader *r, struct span *message)
{
	const uint8_t *frame = r->bytes + r->at;
	uint32_t length;

	if (r->end - r->at < VSH_LENGTH)
		return 0;
	length = frame[0] | (uint32_t)frame[1] << 8 | (uint32_t)frame[2] << 16 | (uint32_t)frame[3] << 24;
	if (length > VSH_MAX_MESSAGE)
		return -1;
	if (r->end - r->at < VSH_LENGTH + length)
		return 0;
	*message = (struct span){ frame + VSH_LENGTH, length };
	r->at += VSH_LENGTH + length;
	return 1;
}

size_t queue_room(struct vsh_queue *q)
{
	if (q->at == q->end) {
		q->at = q->end = 0;
	} else if (q->at > q->size / 2) {
		memmove(q->bytes, q->bytes + q->at, q->end - q->at);
		q->end -= q->at;
		q->at = 0;
	}
	return q->size - q->end;
}

void queue_add(struct vsh_queue *q, const void *bytes, size_t size)
{
	memcpy(q->bytes + q->end, bytes, size);
	q->end += size;
}

void queue_add_data(struct vsh_queue *q, enum vsh_stream stream, const uint8_t *bytes, size_t size)
{
	do {
		size_t piece = size < VSH_CHUNK ? size : VSH_CHUNK;

		q->end += vsh_encode_data(q->bytes + q->end, stream, bytes, piece);
		bytes += piece;
		size -= piece;
	} while (size);
}

bool queue_wrote(struct vsh_queue *q, ssize_t n)
{
	if (n > 0)
		q->at += (size_t)n;
	if (n >= 0 || errno == EAGAIN || errno == EINTR)
		return true;
	q->at = q->end;
	return false;
}

bool queue_drain(struct vsh_queue *q, int fd)
{
	return queue_is_empty(q) || queue_wrote(q, write(fd, q->bytes + q->at, queue_size(q)));
}
