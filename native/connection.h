/* A client's side of the monitor's socket. */
#ifndef CTR_CONNECTION_H
#define CTR_CONNECTION_H

#include <sys/types.h>

#include "protocol.h"

struct connection {
	int socket;
	size_t have;  /* bytes received and not taken */
	size_t taken; /* of these, bytes of the frame that take_frame() gave last */
	uint32_t version; /* of the monitor, once it has said HELLO; else 0 */
	char refusal[128]; /* what ERROR said */
	uint8_t bytes[4 + FRAME_LENGTH_MAX];
};

struct frame {
	uint8_t type;
	const uint8_t *payload; /* until the next take_frame() or receive() */
	size_t size;
};

/* Connects to the monitor of a run directory and greets it; -1 with errno. The socket does not block. */
int connect_monitor(struct connection *c, int dir);

/* Reads what is there: bytes, 0 at the end of the connection, -1 with errno. */
ssize_t receive(struct connection *c);

/* The next whole frame: 1, 0 when there is none yet, -1 with EPROTO when it makes no sense. */
int take_frame(struct connection *c, struct frame *frame);

/* Waits for the monitor's HELLO: its version, 0 with errno as below. */
uint32_t await_hello(struct connection *c, int timeout_ms);

/* Waits for OK, ignoring what else comes; -1 with errno: ETIMEDOUT, EPIPE (the connection ended), EREMOTEIO (refused by ERROR). */
int await_ok(struct connection *c, int timeout_ms);

#endif
