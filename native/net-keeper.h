#ifndef CTR_NET_KEEPER_H
#define CTR_NET_KEEPER_H

/* `ctr-monitor --keep-network READY_FD PROGRAM ARGUMENT…`, in the network's run directory. READY_FD gets a NUL once the program
 * serves, else why it does not. */
int keep_network(int argc, char **argv);

#endif
