/* A network by a program of an ordinary user: pasta(1) or slirp4netns(1) copies between a link in the container's network namespace and
 * sockets of the host's. */
#ifndef CTR_USER_NETWORK_H
#define CTR_USER_NETWORK_H

struct container;

/* Starts the program when init's namespaces are there. What it says it is ready by, and how it is ended, stays in the run directory.
 * -1 with `failure`. */
int start_user_network(struct container *c);

/* Until the link is there. -1 with `failure`, which tells the program's last words. */
int await_user_network(struct container *c);

/* Ends the program of a container, whoever runs this. */
void end_user_network(const char *dir);

#endif
