/* The members of a tar archive, one after the other. */
#ifndef CTR_CP_TAR_IN_H
#define CTR_CP_TAR_IN_H

#include <stddef.h>

#include "cp.h"

struct tar_member {
	struct cp_entry entry; /* mode, owner and times */
	char type;
	uint64_t size;          /* of its data, which follow in whole blocks */
	char path[CP_PATH], link[CP_PATH];
	const char *refused;    /* NULL, or why it cannot be had */
};

/* cp-tar-members.c: reads up to the data of the next one: 1; 0 at the end of the archive; -1 when it is none any more, which is said.
 * `read_whole`: 1, 0 at the end, -1 with errno. */
int tar_next(struct tar_member *m, int (*read_whole)(void *to, size_t size));
/* The extended attributes of the member that came last. */
int tar_send_xattrs(struct cp_side *s);

#endif
