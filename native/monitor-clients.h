/* One client of the monitor's socket, for the two files that deal with clients. */
#ifndef CTR_MONITOR_CLIENTS_H
#define CTR_MONITOR_CLIENTS_H

#include "monitor.h"
#include "protocol.h"

#define NO_CONSOLE (-1)

struct client {
	bool used, greeted;
	bool awaits_ready; /* is told by OK */
	bool writes;  /* what it types goes to its console; one client of each does */
	bool knows_unread; /* it has been told */
	uint8_t wish; /* enum wish */
	uint32_t version, pid, uid;
	uint16_t rows, columns;
	bool waiting; /* its console takes no input: not read from */
	int fd;
	int console;
	uint64_t lost;       /* bytes of output since it has been too slow */
	uint32_t input_left; /* bytes of an INPUT frame that are still to come */
	bool deaf; /* these go nowhere */
	size_t have;         /* bytes of the current frame */
	uint8_t frame[FRAME_HEADER + REQUEST_MAX];
};

/* monitor-clients.c */
void drop_client(struct client *c);
/* Its console takes no input for now: it is not read from until there is room. */
void let_wait(struct client *c);
/* What its console said last, at most `most` bytes. */
void show_tail(struct client *c, uint64_t most);

/* monitor-writers.c: one client of a console types there, the others look on. */
/* Attached now, or another wish: whether it writes from now on. Everybody is told what changes for him. */
void choose_writer(struct client *c);
/* It types: true when that is for its console, because it writes, or because nobody does. */
bool may_type(struct client *c);
/* It is gone. */
void forget_writer(struct client *c);
struct client *writer_of(int console);
extern struct client clients[MAX_CLIENTS];

/* monitor-requests.c */
bool answer_ready(struct client *c);

/* monitor-requests.c: reads what there is and does it; false when there is nothing more for now, or the client is gone. */
bool serve_client(struct client *c);

#endif
