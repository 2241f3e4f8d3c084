/* Loop devices: a file as a block device. */
#ifndef CTR_LOOP_H
#define CTR_LOOP_H

#include <stdbool.h>

/* A loop device that shows the file `source`, opened; the kernel lets it go with its last user. The file is locked for as long.
 * flags: of open_source(). -1 with `failure`. */
int attach_loop(const char *source, bool read_only, int flags);

#endif
