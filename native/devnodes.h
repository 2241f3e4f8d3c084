/* The operations of the mount phase that make files: nodes, links, directories, consoles. */
#ifndef CTR_DEVNODES_H
#define CTR_DEVNODES_H

#include "container.h"

/* mknod in the root, past the umask; -1 with `failure`. mode with file type bits. */
int make_node(const struct container *c, const char *path, mode_t mode, dev_t device, uid_t uid, gid_t gid);

int do_node(struct container *c, const struct op *op);
int do_symlink(struct container *c, const struct op *op);
int do_directory(struct container *c, const struct op *op);
int do_console(struct container *c, const struct op *op);

#endif
