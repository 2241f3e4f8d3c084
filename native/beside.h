#ifndef CTR_BESIDE_H
#define CTR_BESIDE_H

#include <stddef.h>

/* Path of a program that lies beside this one; -1 with errno. */
int find_beside(const char *name, char *path, size_t size);

/* sealed.c: a copy in memory of one of them, which nobody can write to; a descriptor for execveat(2), -1 with errno. */
int open_sealed(const char *name);

#endif
