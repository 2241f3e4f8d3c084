/* Files of the host's settings in the root, and directories for it on the host. */
#ifndef CTR_HOST_FILES_H
#define CTR_HOST_FILES_H

#include <stdbool.h>

#include "container.h"

/* Whether a resolv.conf of the host names a server that somebody with a loopback of his own can reach. */
bool is_reachable_resolver(const char *source);

int do_copy_file(struct container *c, const struct op *op);
int do_copy_link(struct container *c, const struct op *op);
int do_remove(struct container *c, const struct op *op);
int do_host_directory(const struct op *op);

/* write-file.c: */
int do_write_file(struct container *c, const struct op *op);

#endif
