/* The clients of the monitor's socket. Nothing here waits: a client that reads too slowly loses output (and is told how much),
 * one that types faster than its console reads is not read from until there is room. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io.h"
#include "monitor.h"
#include "protocol.h"

#define NO_CONSOLE (-1)
/* Frames and pieces of input of one client before the others have their turn. */
#define TURN 16

struct client {
	bool used, greeted;
	bool waiting; /* its console takes no input: not read from */
	int fd;
	int console;
	uint64_t lost;         /* bytes of output since it has been too slow */
	uint32_t input_left;   /* bytes of an INPUT frame that are still to come */
	size_t have;           /* bytes of the current frame */
	uint8_t frame[FRAME_HEADER + REQUEST_MAX];
};

static struct client clients[MAX_CLIENTS];

static int index_of(const struct client *c)
{
	return (int)(c - clients);
}

static void drop(struct client *c)
{
	close(c->fd);
	c->used = false;
}

static void update_events(struct client *c)
{
	uint32_t events = (c->waiting ? 0 : EPOLLIN) | (c->lost ? EPOLLOUT : 0);

	watch(EPOLL_CTL_MOD, c->fd, events, EVENT_CLIENT, index_of(c));
}

/* False when the client is gone: who does not even take an answer is not waited for. */
static bool answer(struct client *c, enum frame_type type, const void *payload, size_t size)
{
	if (send_frame(c->fd, type, payload, size) == 0)
		return true;
	drop(c);
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
		drop(c);
	return false;
}

/* The socket's directory is closed to others already; this is the second lock. */
static bool is_allowed(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && (peer.uid == 0 || peer.uid == geteuid());
}

/* A free place; else that of somebody who has connected and said nothing. */
static struct client *find_place(void)
{
	for (struct client *c = clients; c < clients + MAX_CLIENTS; c++)
		if (!c->used)
			return c;
	for (struct client *c = clients; c < clients + MAX_CLIENTS; c++) {
		if (!c->greeted) {
			drop(c);
			return c;
		}
	}
	return NULL;
}

void clients_accept(void)
{
	static const char crowded[] = "there are 16 clients already";
	int room = 1 << 18;
	int fd = accept4(monitor.socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *c;

	if (fd < 0)
		return;
	c = is_allowed(fd) ? find_place() : NULL;
	if (!c) {
		send_frame(fd, FRAME_ERROR, crowded, sizeof crowded - 1);
		close(fd);
		return;
	}
	/* What a terminal may lag behind before it loses output; the kernel doubles it, and has a limit of its own. */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	*c = (struct client){ .used = true, .fd = fd, .console = NO_CONSOLE };
	if (watch(EPOLL_CTL_ADD, fd, EPOLLIN, EVENT_CLIENT, index_of(c)) < 0)
		drop(c);
}

static void send_output(struct client *c, const void *bytes, size_t size)
{
	if (!c->lost && send_frame(c->fd, FRAME_OUTPUT, bytes, size) == 0)
		return;
	if (!c->lost && errno != EAGAIN && errno != ENOBUFS && errno != ENOMEM) {
		drop(c);
		return;
	}
	c->lost += size;
	if (c->lost == size)
		update_events(c);
}

static bool send_tail(const void *bytes, size_t size, void *context)
{
	struct client *c = context;

	send_output(c, bytes, size);
	return c->used && !c->lost;
}

void clients_output(int console, const uint8_t *bytes, size_t size)
{
	for (struct client *c = clients; c < clients + MAX_CLIENTS; c++)
		if (c->used && c->console == console)
			send_output(c, bytes, size);
}

static bool tell_lost(struct client *c)
{
	uint8_t payload[8];

	put_u64(payload, c->lost);
	if (send_frame(c->fd, FRAME_LOST, payload, sizeof payload) < 0)
		return false;
	c->lost = 0;
	return true;
}

static bool attach(struct client *c, const uint8_t *payload)
{
	int console = get_u16(payload);

	if (console >= monitor.console_count)
		return refuse(c, "there is no such console");
	c->console = console;
	if (!answer(c, FRAME_OK, NULL, 0))
		return false;
	log_tail(console, send_tail, c);
	console_resize(console, get_u16(payload + 2), get_u16(payload + 4), true);
	return c->used;
}

static bool resize(struct client *c, const uint8_t *payload)
{
	if (c->console == NO_CONSOLE)
		return refuse(c, "no console is attached");
	console_resize(c->console, get_u16(payload), get_u16(payload + 2), false);
	return true;
}

/* ESRCH: init has ended; there is nothing left to be done, and that is success. */
static bool signal_init(struct client *c, uint32_t signal_number)
{
	if (signal_number >= NSIG)
		return refuse(c, "there is no such signal");
	if (signal_number && signal_pidfd(monitor.init_pidfd, (int)signal_number) < 0 && errno != ESRCH)
		return refuse(c, "the signal could not be sent");
	return answer(c, FRAME_OK, NULL, 0);
}

static bool greet(struct client *c)
{
	uint8_t version[4];

	put_u32(version, PROTOCOL_VERSION);
	c->greeted = true;
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
		monitor.stop_asked = true;
		return signal_init(c, get_u32(payload));
	case FRAME_SIGNAL:
		return signal_init(c, get_u32(payload));
	case FRAME_KILL:
		monitor.stop_asked = true;
		return signal_init(c, SIGKILL);
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
		drop(c);
		return false;
	}
	taken = console_write(c->console, chunk, (size_t)n);
	if (taken && recv(c->fd, chunk, taken, 0) != (ssize_t)taken) {
		drop(c);
		return false;
	}
	c->input_left -= (uint32_t)taken;
	if (taken == (size_t)n)
		return true;
	c->waiting = true;
	update_events(c);
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
		drop(c);
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
			c->have = 0;
			return true;
		}
		if (get_u32(c->frame) > 1)
			return true;
	}
	c->have = 0;
	return carry_out(c);
}

void client_event(int index, uint32_t events)
{
	struct client *c = &clients[index];

	if (!c->used)
		return;
	if (events & EPOLLOUT && c->lost && tell_lost(c))
		update_events(c);
	/* Nobody is there to be told; what was typed and not taken goes with its client. */
	if (c->waiting && events & (EPOLLHUP | EPOLLERR)) {
		drop(c);
		return;
	}
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	for (int turn = 0; turn < TURN; turn++)
		if (!(c->input_left ? pass_input(c) : read_frame(c)))
			break;
}

void clients_resume(int console)
{
	for (struct client *c = clients; c < clients + MAX_CLIENTS; c++) {
		if (c->used && c->waiting && c->console == console) {
			c->waiting = false;
			update_events(c);
		}
	}
}

void clients_exit(int wait_status)
{
	uint8_t payload[4];
	/* More than a full socket has: even a client that reads nothing finds the end when it looks. */
	int room = 1 << 21;

	put_u32(payload, (uint32_t)wait_status);
	for (struct client *c = clients; c < clients + MAX_CLIENTS; c++) {
		if (!c->used)
			continue;
		setsockopt(c->fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
		if (c->lost)
			tell_lost(c);
		send_frame(c->fd, FRAME_EXIT, payload, sizeof payload);
		drop(c);
	}
}
