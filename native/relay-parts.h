/* What the two files of the relay share. There is one relay in a process. */
#ifndef CTR_RELAY_PARTS_H
#define CTR_RELAY_PARTS_H

#include "escape.h"
#include "relay.h"
#include "stream.h"

enum { IN, OUT, ERR, STREAMS };

extern struct stream streams[STREAMS];

struct progress {
	bool ended; /* the process; status is valid */
	int status;
	int given_up_by;    /* the signal that made us end before the process, or 0 */
	int64_t deadline;   /* of a hang-up, or of what was asked to end before there is one; 0: none */
	int64_t last_heard; /* when something was read last */
	size_t after_end;   /* bytes read since it ended */
	bool silent;        /* there was nothing at all to do when it was last looked */
	bool asked;	    /* a system that is booted has been told to end */
	struct escape escape;
	bool resting;       /* nobody has the terminal open: the master would report POLLHUP without end, so it is asked by the clock */
};

/* relay-signals.c: what a signal to us, or a word of the library, is for the process. */
void handle_signals(struct relay *relay, struct progress *p, int signals);
void obey_control(struct relay *relay, const struct progress *p);
/* The last master's end is SIGHUP to the terminal's foreground group. reason: the signal that ends us. */
void hang_up(struct relay *relay, struct progress *p, int reason);

#endif
