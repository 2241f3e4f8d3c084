/* Paths inside the new root. Its content may be hostile: every look-up stays beneath the root's fd, and what was found is
 * used by that fd only. */
#ifndef CTR_BENEATH_H
#define CTR_BENEATH_H

#include <stdbool.h>
#include <sys/types.h>

#include "container.h"

/* O_PATH fd of an existing path; symlinks resolve inside the root unless OPT_NO_SYMLINKS is in options. -1 with errno. */
int open_beneath(const struct container *c, const char *path, uint64_t options);

/* As open_beneath, but makes missing directories, and the last component as a directory or an empty file. -1 with `failure` set. */
int open_target(const struct container *c, const char *path, bool directory, uint64_t options);

/* O_PATH fd of the directory that holds the last component, made when missing; *name is that component. -1 with `failure` set. */
int open_parent(const struct container *c, const char *path, const char **name);

/* O_PATH fd of a path of the host; magic links are refused. flags: 0, or O_NOFOLLOW for the last component itself, be it a link. -1
 * with errno. */
int open_source(const char *path, int flags);

#endif
