#ifndef CTR_LOCK_H
#define CTR_LOCK_H

#include <stdint.h>

/* LOCK_EX on an open file; -1 with errno, EWOULDBLOCK when somebody else still holds it after the time. */
int lock_file(int fd, uint64_t timeout_ms);

#endif
