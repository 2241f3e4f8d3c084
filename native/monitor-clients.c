/* The clients of the monitor's socket. Nothing here waits: a client that reads too slowly loses output (and is told how much),
 * one that types faster than its console reads is not read from until there is room. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monitor-clients.h"

/* Frames and pieces of input of one client before the others have their turn. */
#define TURN 16

struct client clients[MAX_CLIENTS];

static int index_of(const struct client *c)
{
	return (int)(c - clients);
}

void drop_client(struct client *c)
{
	close(c->fd);
	c->used = false;
	forget_writer(c);
}

static void update_events(struct client *c)
{
	uint32_t events = (c->waiting ? 0 : EPOLLIN) | (c->lost ? EPOLLOUT : 0);

	watch(EPOLL_CTL_MOD, c->fd, events, EVENT_CLIENT, index_of(c));
}

void let_wait(struct client *c)
{
	c->waiting = true;
	update_events(c);
}

/* The socket's directory is closed to others already; this is the second lock. */
static bool is_allowed(int fd, struct ucred *peer)
{
	socklen_t size = sizeof *peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &size) == 0 && (peer->uid == 0 || peer->uid == geteuid());
}

/* A free place; else that of somebody who has connected and said nothing. */
static struct client *find_place(void)
{
	for (struct client *c = clients; c < clients + MAX_CLIENTS; c++)
		if (!c->used)
			return c;
	for (struct client *c = clients; c < clients + MAX_CLIENTS; c++) {
		if (!c->greeted) {
			drop_client(c);
			return c;
		}
	}
	return NULL;
}

static void turn_away(int fd, const char *reason)
{
	send_frame(fd, FRAME_ERROR, reason, strlen(reason));
	close(fd);
}

void clients_accept(void)
{
	int fd = accept4(monitor.socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int room = 1 << 18;
	struct ucred peer;
	struct client *c;

	if (fd < 0) {
		/* Out of descriptors or memory: who waits to be accepted would be reported without end. */
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
			watch(EPOLL_CTL_DEL, monitor.socket, 0, EVENT_SOCKET, 0);
			monitor.retry = true;
		}
		return;
	}
	if (!is_allowed(fd, &peer)) {
		turn_away(fd, "only root and the user of the container may connect");
		return;
	}
	c = find_place();
	if (!c) {
		turn_away(fd, "there are 16 clients already");
		return;
	}
	/* What a terminal may lag behind before it loses output; the kernel doubles it, and has a limit of its own. */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	*c = (struct client){ .used = true, .fd = fd, .console = NO_CONSOLE, .wish = WISH_WRITE };
	c->pid = (uint32_t)peer.pid;
	c->uid = (uint32_t)peer.uid;
	if (watch(EPOLL_CTL_ADD, fd, EPOLLIN, EVENT_CLIENT, index_of(c)) < 0)
		drop_client(c);
}

static void send_output(struct client *c, const void *bytes, size_t size)
{
	if (!c->lost && send_frame(c->fd, FRAME_OUTPUT, bytes, size) == 0)
		return;
	if (!c->lost && errno != EAGAIN && errno != ENOBUFS && errno != ENOMEM) {
		drop_client(c);
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

void show_tail(struct client *c, uint64_t most)
{
	log_tail(c->console, most < TAIL_MAX ? most : TAIL_MAX, send_tail, c);
}

/* It has caught up: how much it has missed, and then the end of that, so that it sees where the console is now. */
static bool tell_lost(struct client *c)
{
	uint64_t lost = c->lost;
	uint8_t payload[8];

	put_u64(payload, lost);
	if (send_frame(c->fd, FRAME_LOST, payload, sizeof payload) < 0)
		return false;
	c->lost = 0;
	show_tail(c, lost);
	return c->used;
}

void client_event(int index, uint32_t events)
{
	struct client *c = &clients[index];

	if (!c->used)
		return;
	if (events & EPOLLOUT && c->lost && tell_lost(c))
		update_events(c);
	if (!c->used)
		return;
	/* Nobody is there to be told; what was typed and not taken goes with its client. */
	if (c->waiting && events & (EPOLLHUP | EPOLLERR)) {
		drop_client(c);
		return;
	}
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	for (int turn = 0; turn < TURN && serve_client(c); turn++)
		;
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

void clients_unread(int console, int why)
{
	struct client *c = writer_of(console);
	uint8_t payload = (uint8_t)why;

	if (why != UNREAD_NOT && c && c->version >= 2 && !c->knows_unread) {
		c->knows_unread = true;
		send_frame(c->fd, FRAME_UNREAD, &payload, 1);
	}
}

void clients_ready(void)
{
	for (struct client *c = clients; c < clients + MAX_CLIENTS; c++)
		if (c->used && c->awaits_ready)
			answer_ready(c);
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
		if (c->lost && !tell_lost(c) && !c->used)
			continue;
		send_frame(c->fd, FRAME_EXIT, payload, sizeof payload);
		drop_client(c);
	}
}
