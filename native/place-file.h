/* A file takes its place in the root at once, owned by root inside. */
#ifndef CTR_PLACE_FILE_H
#define CTR_PLACE_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "container.h"

/* Where something is made before it takes its place; of a start that was killed it is taken away first. */
#define TEMPORARY ".ctr-new"

/* What is made in the root is made by root inside: with an id-mapped root, host root has no id in it. errno stays. */
void act_as_root_inside(const struct container *c);
void act_as_ourselves(const struct container *c);

/* The temporary file becomes `name` at once: what is there already, be it a link or a pipe, is not opened. -1 with errno, ELOOP for
 * a link that is not to be replaced; nothing temporary is left then. */
int put_in_place(int dir, const char *name, bool replace_links);

/* Writes it anew. -1 with errno. */
int place_file(const struct container *c, int dir, const char *name, const char *bytes, size_t size, mode_t mode, bool replace_links);

#endif
