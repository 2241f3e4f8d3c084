/* File descriptors that close themselves when their variable goes out of scope. */
#ifndef CTR_FD_H
#define CTR_FD_H

#include <unistd.h>

static inline void close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define _cleanup_close_ __attribute__((cleanup(close_fd)))

/* Gives the descriptor away: the variable no longer owns it. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
