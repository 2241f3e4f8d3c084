/* The byte streams that carry a session: vsock, and unix sockets. All are close-on-exec. -1 with errno. */
#ifndef CTR_VSH_SOCKET_H
#define CTR_VSH_SOCKET_H

#include <stdint.h>
#include <sys/types.h>

#define CID_LOCAL 1u
#define CID_HOST 2u
#define ANY_PORT UINT32_MAX
/* Below it, only who has CAP_NET_BIND_SERVICE in the first user namespace may bind one. */
#define RESERVED_PORTS 1024u

int vsock_connect(uint32_t cid, uint32_t port);
int vsock_listen(uint32_t port, int backlog);
/* Port a listening socket has got. */
uint32_t vsock_port(int fd);
/* Of a connection. 0, or -1 */
int vsock_peer(int fd, uint32_t *cid, uint32_t *port);

/* ENAMETOOLONG: a unix socket's path has at most 107 bytes. */
int unix_connect(const char *path);
/* Takes the place of a socket nobody listens on any more; EADDRINUSE when somebody does. mode: of the new one. */
int unix_listen(const char *path, int backlog, mode_t mode);

/* Waits so long at most for something to read, or for a connection; -1 with ETIMEDOUT. */
int await_readable(int fd, int timeout_ms);

/* Descriptors 0 to 2 must be something, or a socket would become one of them. */
void keep_stdio_open(void);

#endif
