/* nftables: a table is made by nft(8), once a network, and goes by netlink. */
#ifndef CTR_NFT_H
#define CTR_NFT_H

#include "plan.h"

/* `network-table` operation: the table anew, in one transaction; -1 with `failure`. */
int make_table(const struct op *op);

/* A table that is not there is gone. */
void remove_table(const char *family, const char *table);

#endif
