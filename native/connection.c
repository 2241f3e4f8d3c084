#include "connection.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "fd.h"
#include "io.h"
#include "text.h"

int connect_monitor(struct connection *c, int dir)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct text path = { 0 };
	uint8_t version[4];

	c->have = c->taken = 0;
	c->version = 0;
	c->socket = -1;
	if (fd < 0)
		return -1;
	/* A socket's path has 107 bytes at the most; by the directory's descriptor it is always short. */
	text_add(&path, "/proc/self/fd/");
	text_add_number(&path, (uint64_t)dir);
	text_add(&path, "/" MONITOR_SOCKET);
	memcpy(address.sun_path, path.bytes, path.length + 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return -1;
	put_u32(version, PROTOCOL_VERSION);
	if (send_frame(fd, FRAME_HELLO, version, sizeof version) < 0)
		return -1;
	c->socket = take_fd(&fd);
	return 0;
}

static void forget_taken(struct connection *c)
{
	c->have -= c->taken;
	memmove(c->bytes, c->bytes + c->taken, c->have);
	c->taken = 0;
}

ssize_t receive(struct connection *c)
{
	ssize_t n;

	forget_taken(c);
	do
		n = recv(c->socket, c->bytes + c->have, sizeof c->bytes - c->have, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		c->have += (size_t)n;
	return n;
}

int take_frame(struct connection *c, struct frame *frame)
{
	uint32_t length;

	forget_taken(c);
	if (c->have < FRAME_HEADER)
		return 0;
	length = get_u32(c->bytes);
	if (!length || length > FRAME_LENGTH_MAX) {
		errno = EPROTO;
		return -1;
	}
	if (c->have < 4 + length)
		return 0;
	*frame = (struct frame){ c->bytes[4], c->bytes + FRAME_HEADER, length - 1 };
	c->taken = 4 + length;
	return 1;
}

/* 1: it is there (OK, or HELLO); 0: neither that nor ERROR yet; -1 with errno */
static int look_for_answer(struct connection *c, enum frame_type wanted)
{
	struct frame frame;
	int got;

	while ((got = take_frame(c, &frame)) == 1) {
		if (frame.type == FRAME_HELLO && frame.size == 4)
			c->version = get_u32(frame.payload);
		if (frame.type == wanted)
			return 1;
		if (frame.type == FRAME_ERROR) {
			size_t size = frame.size < sizeof c->refusal ? frame.size : sizeof c->refusal - 1;

			memcpy(c->refusal, frame.payload, size);
			c->refusal[size] = 0;
			errno = EREMOTEIO;
			return -1;
		}
	}
	return got;
}

static int await_frame(struct connection *c, enum frame_type wanted, int timeout_ms)
{
	int64_t deadline = monotonic_ms() + timeout_ms;
	struct pollfd p = { .fd = c->socket, .events = POLLIN };

	for (;;) {
		int64_t left = deadline - monotonic_ms();
		int answer = look_for_answer(c, wanted);
		ssize_t n;

		if (answer)
			return answer > 0 ? 0 : -1;
		if (left <= 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = receive(c);
		if (n == 0)
			errno = EPIPE;
		if (n == 0 || (n < 0 && errno != EAGAIN))
			return -1;
	}
}

int await_ok(struct connection *c, int timeout_ms)
{
	return await_frame(c, FRAME_OK, timeout_ms);
}

uint32_t await_hello(struct connection *c, int timeout_ms)
{
	return await_frame(c, FRAME_HELLO, timeout_ms) == 0 ? c->version : 0;
}
