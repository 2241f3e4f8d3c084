/* `network-keeper` operation: a program that serves the network, and its keeper. */
#ifndef CTR_NETWORK_KEEPER_H
#define CTR_NETWORK_KEEPER_H

#include <stdbool.h>

#include "plan.h"

/* dirfd: the network's run directory. Back when the program serves; -1 with `failure`. */
int start_keeper(int dirfd, const struct op *op);

bool is_kept(int dirfd);

/* Back when it is gone, and the program with it. */
void end_keeper(int dirfd);

/* -1 with errno ESRCH when there is none. */
int signal_keeper(int dirfd, int signal_number);

#endif
