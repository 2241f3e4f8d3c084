#ifndef CTR_FRONT_CHILD_H
#define CTR_FRONT_CHILD_H

#include "front.h"

/* What the child tells when init runs; nothing when it does not. */
struct outcome {
	pid_t init, monitor;
	bool ended;
	uint64_t ready_ms; /* a start waits so long for its READY=1; 0: not at all */
};

/* Starts the container: writes a struct outcome to `result` when init runs and becomes its monitor; else says why and ends with
 * a status other than 0. */
_Noreturn void start_box(struct box *box, int result);

#endif
