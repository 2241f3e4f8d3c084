#include "vsh-buffer.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
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

void queue_add_end(struct vsh_queue *q, enum vsh_stream stream)
{
	q->end += vsh_encode_data(q->bytes + q->end, stream, NULL, 0);
}

/* The last frame has less, and so a shorter head perhaps. */
static void frame_data(struct vsh_queue *q, enum vsh_stream stream, size_t size)
{
	uint8_t *frame = q->bytes + q->end;

	for (; size >= VSH_CHUNK; size -= VSH_CHUNK, frame += VSH_DATA_HEAD + VSH_CHUNK)
		vsh_encode_data_head(frame, stream, VSH_CHUNK);
	if (size) {
		uint8_t head[VSH_DATA_HEAD];
		size_t length = vsh_encode_data_head(head, stream, size);

		if (length < VSH_DATA_HEAD)
			memmove(frame + length, frame + VSH_DATA_HEAD, size);
		memcpy(frame, head, length);
		frame += length + size;
	}
	q->end = (size_t)(frame - q->bytes);
}

ssize_t queue_fill(struct vsh_queue *q, int fd, enum vsh_stream stream, size_t most)
{
	struct iovec pieces[VSH_FRAMES_AT_ONCE];
	uint8_t *data = q->bytes + q->end + VSH_DATA_HEAD;
	int count = 0;
	ssize_t n;

	for (; most && count < VSH_FRAMES_AT_ONCE; data += VSH_DATA_HEAD + VSH_CHUNK) {
		size_t size = most < VSH_CHUNK ? most : VSH_CHUNK;

		pieces[count++] = (struct iovec){ data, size };
		most -= size;
	}
	n = readv(fd, pieces, count);
	if (n > 0)
		frame_data(q, stream, (size_t)n);
	return n;
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

bool parts_add(struct vsh_parts *p, const struct vsh_queue *q, struct span data)
{
	if (!queue_is_empty(q) || p->count == VSH_PARTS)
		return false;
	p->parts[p->count++] = (struct iovec){ (void *)data.at, data.size };
	p->size += data.size;
	return true;
}

void parts_settle(struct vsh_parts *p, struct vsh_queue *q, size_t written)
{
	for (int i = 0; i < p->count; i++) {
		const struct iovec *part = &p->parts[i];
		size_t done = written < part->iov_len ? written : part->iov_len;

		queue_add(q, (const char *)part->iov_base + done, part->iov_len - done);
		written -= done;
	}
	p->count = 0;
	p->size = 0;
}
