/* Signals as something to poll: a handler that writes their numbers into a pipe. (A signalfd would not interrupt a write to a
 * terminal that has been stopped.) */
#ifndef CTR_SIGNALS_H
#define CTR_SIGNALS_H

#include <stddef.h>

/* Catches the signals, but those the caller ignores (nohup), and ignores SIGPIPE. Returns the descriptor to poll; -1 with errno. */
int catch_signals(const int *numbers, size_t count);

/* The next one that has come, 0 when there is none. */
int next_signal(int fd);

/* All dispositions and the mask as after boot: exec keeps what is ignored and what is blocked. */
void reset_signals(void);

#endif
