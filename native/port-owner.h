/* Who has a port of the host, for a refusal. */
#ifndef CTR_PORT_OWNER_H
#define CTR_PORT_OWNER_H

#include <stddef.h>

#include "plan.h"

/* In words: a container whose run directory is beside `dir`, or a program that listens. */
void find_port_owner(char *text, size_t size, const char *dir, const struct op *port);

#endif
