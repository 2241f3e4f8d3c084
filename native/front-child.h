#ifndef CTR_FRONT_CHILD_H
#define CTR_FRONT_CHILD_H

#include "container.h"
#include "front.h"

/* What the child tells when init runs; nothing when it does not. */
struct outcome {
	pid_t init, monitor;
	bool ended;
	uint64_t ready_ms; /* a start waits so long for its READY=1; 0: not at all */
};

/* A start as far as it has come before the fork; zeros: it has not begun. */
struct start {
	bool ready;	/* the lock is held, the container does not run, its plan is that of its definition */
	bool cached;	/* it was, before this command */
	bool opened;	/* it is taken and read; else `failure` says why not */
	struct container c;
	int word;	/* for make_beside() */
};

/* The first part of start_box(), for the only one that is started: nobody else has to wait when this one does. 0, or an exit status
 * when it has said why not. */
int begin_start(struct box *box, struct start *start);

/* Starts the container: writes a struct outcome to `result` when init runs and becomes its monitor; else says why and ends with
 * a status other than 0. */
_Noreturn void start_box(struct box *box, struct start *start, int result);

#endif
