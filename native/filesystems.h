/* New mounts of file systems, detached until they are attached. */
#ifndef CTR_FILESYSTEMS_H
#define CTR_FILESYSTEMS_H

#include "container.h"

#define SAID_SIZE 128

/* A detached mount of a file system. data: options of the file system, separated by commas. -1 with errno; `said`, unless NULL, of
 * SAID_SIZE, is what the kernel said about it, "" for nothing. */
int create_mount(const char *fstype, const char *source, uint64_t flags, const char *data, char *said);

/* Records why create_mount() failed. */
int fail_create(const char *fstype, const char *said, const char *object, const char *step, ...)
	__attribute__((format(printf, 4, 5)));

int do_mount_device(struct container *c, const struct op *op);
int do_root_device(struct container *c, const struct op *op);

#endif
