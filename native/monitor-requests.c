/* What clients ask of the monitor (docs/monitor-protocol.md). */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "io.h"
#include "monitor-clients.h"

/* False when the client is gone: who does not even take an answer is not waited for. */
static bool answer(struct client *c, enum frame_type type, const void *payload, size_t size)
{
	if (send_frame(c->fd, type, payload, size) == 0)
		return true;
	drop_client(c);
	return false;
}

static bool refuse(struct client *c, const char *reason)
{
	return answer(c, FRAME_ERROR, reason, strlen(reason));
}

/* What is against the protocol ends the connection. */
static bool reject(struct client *c, const char *reason)
{
	if (refuse(c, reason))
		drop_client(c);
	return false;
}

static bool attach(struct client *c, const uint8_t *payload)
{
	int console = get_u16(payload);

	if (console >= monitor.console_count)
		return refuse(c, "there is no such console");
	forget_writer(c);
	c->console = console;
	c->rows = get_u16(payload + 2);
	c->columns = get_u16(payload + 4);
	if (!answer(c, FRAME_OK, NULL, 0))
		return false;
	show_tail(c, TAIL_MAX);
	if (!c->used)
		return false;
	choose_writer(c);
	console_redraw(console);
	if (c->writes)
		clients_unread(console, console_look(console));
	return true;
}

static bool wish(struct client *c, uint8_t what)
{
	if (what > WISH_TAKE)
		return refuse(c, "there is no such wish");
	c->wish = what;
	if (c->console != NO_CONSOLE)
		choose_writer(c);
	return answer(c, FRAME_OK, NULL, 0);
}

static bool resize(struct client *c, const uint8_t *payload)
{
	if (c->console == NO_CONSOLE)
		return refuse(c, "no console is attached");
	c->rows = get_u16(payload);
	c->columns = get_u16(payload + 2);
	if (c->writes)
		console_resize(c->console, c->rows, c->columns, false);
	return true;
}

/* ESRCH: init has ended; there is nothing left to be done, and that is success. */
static bool signal_init(struct client *c, uint32_t signal_number, bool is_stop)
{
	if (signal_number >= NSIG)
		return refuse(c, "there is no such signal");
	monitor.stop_asked |= is_stop;
	if (signal_number && signal_pidfd(monitor.init_pidfd, (int)signal_number) < 0 && errno != ESRCH)
		return refuse(c, "the signal could not be sent");
	return answer(c, FRAME_OK, NULL, 0);
}

bool answer_ready(struct client *c)
{
	c->awaits_ready = false;
	return answer(c, FRAME_OK, NULL, 0);
}

static bool greet(struct client *c)
{
	uint8_t version[4];

	put_u32(version, PROTOCOL_VERSION);
	c->greeted = true;
	c->version = get_u32(c->frame + FRAME_HEADER);
	return answer(c, FRAME_HELLO, version, sizeof version);
}

static bool carry_out(struct client *c)
{
	const uint8_t *payload = c->frame + FRAME_HEADER;

	switch (c->frame[4]) {
	case FRAME_HELLO:
		return greet(c);
	case FRAME_ATTACH:
		return attach(c, payload);
	case FRAME_RESIZE:
		return resize(c, payload);
	case FRAME_STOP:
		return signal_init(c, get_u32(payload), true);
	case FRAME_SIGNAL:
		return signal_init(c, get_u32(payload), false);
	case FRAME_KILL:
		return signal_init(c, SIGKILL, true);
	case FRAME_WRITE:
		return wish(c, payload[0]);
	case FRAME_READY:
		c->awaits_ready = true;
		return !monitor.ready || answer_ready(c);
	}
	return false;
}

/* The header is there: false when the connection ends by it. */
static bool check_header(struct client *c)
{
	uint32_t length = get_u32(c->frame);
	uint8_t type = c->frame[4];

	if (!is_request(type, length))
		return reject(c, "a frame has a wrong length or an unknown type");
	if (!c->greeted && type != FRAME_HELLO)
		return reject(c, "the first frame must be HELLO");
	if (type == FRAME_INPUT && c->console == NO_CONSOLE)
		return reject(c, "no console is attached");
	return true;
}

/* Hands input on as far as the console takes it. What it does not take stays in the socket: there is no buffer that could grow. */
static bool pass_input(struct client *c)
{
	size_t want = c->input_left < sizeof chunk ? c->input_left : sizeof chunk, taken;
	ssize_t n = recv(c->fd, chunk, want, MSG_PEEK);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		drop_client(c);
		return false;
	}
	taken = c->deaf ? (size_t)n : console_write(c->console, chunk, (size_t)n);
	if (taken && !c->deaf && c->version >= 2 && !c->knows_unread)
		console_typed(c->console);
	if (taken && recv(c->fd, chunk, taken, 0) != (ssize_t)taken) {
		drop_client(c);
		return false;
	}
	c->input_left -= (uint32_t)taken;
	if (taken == (size_t)n)
		return true;
	let_wait(c);
	return false;
}

/* Reads the rest of the header, or of the payload behind it. False: nothing more to be done now. */
static bool read_frame(struct client *c)
{
	bool in_payload = c->have >= FRAME_HEADER;
	size_t whole = in_payload ? 4 + get_u32(c->frame) : FRAME_HEADER;
	ssize_t n = recv(c->fd, c->frame + c->have, whole - c->have, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		drop_client(c);
		return false;
	}
	c->have += (size_t)n;
	if (c->have < whole)
		return true;
	if (!in_payload) {
		if (!check_header(c))
			return false;
		if (c->frame[4] == FRAME_INPUT) {
			c->input_left = get_u32(c->frame) - 1;
			c->deaf = c->input_left && !may_type(c);
			c->have = 0;
			return true;
		}
		if (get_u32(c->frame) > 1)
			return true;
	}
	c->have = 0;
	return carry_out(c);
}

bool serve_client(struct client *c)
{
	return c->input_left ? pass_input(c) : read_frame(c);
}
