/* Networks of the host: a plan of its own each, which the first container executes and the last one undoes. docs/adr/0014 */
#ifndef CTR_NETWORK_H
#define CTR_NETWORK_H

#include "plan.h"

/* What a container sees of its network while it holds its lock. */
struct network {
	struct plan plan;
	const char *name;
	int dirfd, lock;
};

/* `network` operation: takes the network's lock, and makes the network when it is not there. Keep it until the port is in the bridge.
 * -1 with `failure`. */
int join_network(struct network *network, const struct op *op);
void leave_network(struct network *network);

/* Takes the network of a `network` operation away, unless it has a port or was started by somebody. */
void release_network(const struct op *op);

/* network.c, the parts: */
int execute_network(const struct network *network);
void undo_network(const struct network *network);

/* What the network does not do without, started anew where it was killed; -1 with `failure`. */
int serve_network(const struct network *network);

#endif
