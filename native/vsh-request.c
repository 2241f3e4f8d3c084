/* The first frame of each side. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "io.h"
#include "vsh.h"
#include "vsh-socket.h"

/* A container may have to be looked up and entered first, on a busy machine. */
#define ANSWER_MS 30000

static void send_setup(int socket, const struct vsh_setup *setup)
{
	uint8_t frame[VSH_MAX_FRAME];
	size_t size = vsh_encode_setup(frame, setup);

	if (size > VSH_MAX_FRAME)
		die(VSH_NOT_DONE, "cannot ask for the session: command, variables and directory are too large: %zu bytes, of at most %d",
		    size - VSH_LENGTH, VSH_MAX_MESSAGE);
	/* A vshd that refuses at once has closed its end by now, and its answer says why. */
	if (write_all(socket, frame, size) < 0 && errno != EPIPE) {
		warn_errno("cannot ask for the session: write");
		exit(VSH_NOT_DONE);
	}
}

static void read_answer(int socket, struct vsh_reader *reader, struct span *answer)
{
	int64_t deadline = monotonic_ms() + ANSWER_MS;
	int got;

	while ((got = vsh_next(reader, answer)) == 0) {
		int64_t left = deadline - monotonic_ms();
		ssize_t n = await_readable(socket, left > 0 ? (int)left : 0) < 0 ? -1 : vsh_fill(reader, socket);

		if (n < 0 && errno == ETIMEDOUT)
			die(VSH_NOT_DONE, "cannot open a session: no answer within 30 s");
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			die(VSH_NOT_DONE, "cannot open a session: vshd has closed the connection without an answer");
		if (n < 0 && errno != EINTR) {
			warn_errno("cannot open a session: read");
			exit(VSH_NOT_DONE);
		}
	}
	if (got < 0)
		die(VSH_NOT_DONE, "cannot open a session: the answer is not one of vshd's: a frame is longer than %d bytes", VSH_MAX_MESSAGE);
}

void vsh_set_up(int socket, const struct vsh_setup *setup, struct vsh_reader *reader)
{
	struct vsh_response response;
	struct span answer;

	send_setup(socket, setup);
	read_answer(socket, reader, &answer);
	if (!vsh_decode_response(answer, &response))
		die(VSH_NOT_DONE, "cannot open a session: the answer is not one of vshd's");
	if (response.status == VSH_READY)
		return;
	if (!response.description.size)
		die(VSH_NOT_DONE, "cannot open a session: vshd refuses, without a reason");
	die(VSH_NOT_DONE, "cannot open a session: %.*s", (int)response.description.size, (const char *)response.description.at);
}
