/* stdout and stderr of vsh, with what waits to be written to them. */
#ifndef CTR_VSH_OUTPUT_H
#define CTR_VSH_OUTPUT_H

#include <poll.h>
#include <stdbool.h>

#include "vsh-message.h"

void output_open(bool interactive);

/* No bytes: that stream has ended, and whoever reads it learns so. The bytes stay where they are until output_flush(). */
void output_add(int32_t stream, struct span bytes);

/* For a message of any size. */
bool output_has_room(void);
bool output_is_empty(void);

void output_poll(struct pollfd polled[2]);
/* Writes what there is room for; false when nobody reads stdout any more. */
bool output_serve(const struct pollfd polled[2]);

/* The same without poll(2) before, of what can be written to without waiting. What was added is kept after that. */
bool output_flush(void);

/* The last byte that came. */
uint8_t output_last(void);

#endif
