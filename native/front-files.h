#ifndef CTR_FRONT_FILES_H
#define CTR_FRONT_FILES_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* Where each cgroup hierarchy is mounted: once, before the first container. */
void find_hierarchies(void);

/* The files of one running container, one after another (src/state/parse-evidence.ts). */
void write_files(FILE *out, const char *name, pid_t pid, bool with_addresses);

#endif
