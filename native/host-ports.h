/* Ports of the host that lead into a container: `network-port` operations. */
#ifndef CTR_HOST_PORTS_H
#define CTR_HOST_PORTS_H

#include "plan.h"

struct container;

/* Keeps everybody else from the ports, and opens them. The caller is in the host's network namespace. -1 with `failure`. */
int open_ports(struct container *c);

/* The descriptors that keep the ports stay open over the exec of the monitor, which holds them till its end. */
void keep_ports(const struct container *c);
void close_ports(struct container *c);

/* Takes the elements of a container away. */
void remove_ports(const struct plan *plan);

/* The elements of all running containers below DIR/../../containers, for a table that was made anew. -1 with `failure`. */
int restore_ports(int network_dir, const char *table);

#endif
