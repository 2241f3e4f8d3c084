/* Rules in tables of others, where these drop what is forwarded: an accept of our own table ends no other table's chain. */
#ifndef CTR_PASS_H
#define CTR_PASS_H

#include "plan.h"

/* `network-pass` operations of a network's plan; what was done is written to `passes` below dirfd before it is done. What fails is
 * warned of: the network is there, and `ctr net check` says what is missing. */
void make_passes(const struct plan *plan, int dirfd);
void remove_passes(const struct plan *plan, int dirfd);

#endif
