/* The operations of the mount phase that make files: nodes, links, directories, consoles. */
#ifndef CTR_DEVNODES_H
#define CTR_DEVNODES_H

#include "container.h"

int do_node(struct container *c, const struct op *op);
int do_symlink(struct container *c, const struct op *op);
int do_directory(struct container *c, const struct op *op);
int do_console(struct container *c, const struct op *op);

#endif
