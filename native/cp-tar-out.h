/* What an archive at stdout is written with. 0, or -1 with errno. */
#ifndef CTR_CP_TAR_OUT_H
#define CTR_CP_TAR_OUT_H

#include <stddef.h>
#include <stdint.h>

#include "cp.h"

int tar_put(const void *bytes, size_t size);
int tar_put_zeros(uint64_t size);
/* Behind so many bytes of data. */
int tar_fill_block(uint64_t size);
int tar_flush(void);

/* A record of the member that comes next: PREFIX KEY. One that does not fit any more is left out. */
void tar_add_record(const char *prefix, const char *key, const void *value, size_t size);
/* `type`: as in the header. Its data, of `size` bytes, follow it. */
int tar_put_member(const struct cp_side *s, const char *path, const struct cp_entry *e, char type, uint64_t size, const char *link);

#endif
