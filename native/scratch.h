/* A tmpfs that nobody sees, for nodes that are opened or bound elsewhere. */
#ifndef CTR_SCRATCH_H
#define CTR_SCRATCH_H

#include "container.h"

/* Opens a device by its number alone, whatever the host has in /dev. kind: S_IFBLK or S_IFCHR. -1 with errno. */
int open_device(mode_t kind, dev_t number, int flags);

/* O_PATH fd of a new node in the scratch tmpfs of a container; of the mount phase. mode with file type bits. -1 with errno. */
int scratch_node(struct container *c, mode_t mode, dev_t number, uid_t uid, gid_t gid);

/* Attaches a detached mount on top of everything for the moment, so that it may be copied; detach_top() takes away what lies on
 * top there at that time, be it another one. -1 with errno. */
int attach_on_top(int mount_fd);
int detach_top(int mount_fd);

/* Before the pivot. -1 with errno. */
int drop_scratch(struct container *c);

#endif
