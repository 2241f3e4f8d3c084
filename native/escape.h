/* The way out of a system's console, as systemd-nspawn(1) has it: ^] three times within a second. */
#ifndef CTR_ESCAPE_H
#define CTR_ESCAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "stream.h"

struct escape {
	int count; /* typed in a row, since when */
	int64_t since_ms;
};

/* Looks through what has just been read. */
bool has_escaped(struct escape *e, const struct stream *s);

#endif
