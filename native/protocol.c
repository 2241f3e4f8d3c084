#include "protocol.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

bool is_request(uint8_t type, uint32_t length)
{
	/* Payload sizes; INPUT has any. */
	static const int8_t sizes[] = {
		[FRAME_HELLO] = 4, [FRAME_ATTACH] = 6, [FRAME_RESIZE] = 4, [FRAME_SIGNAL] = 4, [FRAME_STOP] = 4, [FRAME_KILL] = 0,
	};

	if (type == FRAME_READY)
		return length == 1;
	if (type == FRAME_WRITE)
		return length == 2;
	if (type == FRAME_INPUT)
		return length >= 1 && length <= FRAME_LENGTH_MAX;
	return type >= FRAME_HELLO && type <= FRAME_KILL && length == 1u + (uint32_t)sizes[type];
}

int send_frame(int socket, uint8_t type, const void *payload, size_t size)
{
	uint8_t header[FRAME_HEADER];
	struct iovec parts[2] = { { header, sizeof header }, { (void *)payload, size } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = size ? 2 : 1 };
	ssize_t n;

	put_u32(header, (uint32_t)size + 1);
	header[4] = type;
	do
		n = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)(sizeof header + size))
		return 0;
	/* A frame cut in two cannot be taken back: the connection is of no use any more. */
	if (n >= 0)
		errno = EPIPE;
	return -1;
}
