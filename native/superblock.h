/* Which file system is on a device. */
#ifndef CTR_SUPERBLOCK_H
#define CTR_SUPERBLOCK_H

/* The name the kernel mounts it by, of a device open for reading. NULL with *reason: nothing known, or signs of several. */
const char *probe_superblock(int device, const char **reason);

#endif
