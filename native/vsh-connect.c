/* From an address to a connected socket, or to the reason why there is none. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"
#include "io.h"
#include "vsh.h"
#include "vsh-socket.h"

/* The machine's program asks its guest, which has two seconds. */
#define HANDSHAKE_MS 5000
#define DIAL_MS 5000

static _Noreturn void refuse_connect(const char *where, const char *reason, const char *call)
{
	die(VSH_NOT_DONE, call ? "cannot connect to %s: %s (%s: %s)" : "cannot connect to %s: %s", where, reason, call, errno_name(errno));
}

static const char *explain_vsock(int err)
{
	switch (err) {
	case EAFNOSUPPORT:
		return "this kernel has no vsock (module 'vsock')";
	case ENODEV:
	case EADDRNOTAVAIL:
		return "this kernel has no way to that machine (module 'vhost_vsock', 'vsock_loopback' or a transport of guests)";
	case ECONNRESET:
	case ECONNREFUSED:
		return "nobody listens there";
	case ETIMEDOUT:
		return "there is no such machine, or it does not answer";
	default:
		return "it failed";
	}
}

static int connect_vsock(const struct vsh_address *address)
{
	char where[64];
	int fd = vsock_connect(address->cid, address->port);

	if (fd >= 0)
		return fd;
	snprintf(where, sizeof where, "cid %u, port %u", address->cid, address->port);
	refuse_connect(where, explain_vsock(errno), errno == EAFNOSUPPORT ? "socket" : "connect");
}

static int connect_unix(const char *path)
{
	int fd = unix_connect(path);
	char where[300];

	if (fd >= 0)
		return fd;
	snprintf(where, sizeof where, "'%.250s'", path);
	if (errno == ENAMETOOLONG)
		refuse_connect(where, "the path of a socket has at most 107 bytes", NULL);
	refuse_connect(where, errno == ENOENT ? "there is no such socket" : errno == ECONNREFUSED ? "nobody listens there" : "it failed",
		       "connect");
}

/* `CONNECT PORT`, answered by `OK NUMBER`: Firecracker's and Cloud Hypervisor's way to a port of their guest. A refusal is the end of
 * the connection without a word. The number means nothing here; what follows the line is the session's, so it is read byte by byte. */
static int connect_hybrid(const struct vsh_address *address)
{
	int fd = connect_unix(address->path);
	char line[64], where[300];
	size_t used = 0;
	int length;

	snprintf(where, sizeof where, "port %u of the machine behind '%.200s'", address->port, address->path);
	length = snprintf(line, sizeof line, "CONNECT %u\n", address->port);
	if (write_all(fd, line, (size_t)length) < 0)
		refuse_connect(where, "the machine's program has closed the connection", "write");
	while (used < sizeof line) {
		ssize_t n = await_readable(fd, HANDSHAKE_MS) < 0 ? -1 : read(fd, line + used, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == ETIMEDOUT)
			refuse_connect(where, "no answer within 5 s", NULL);
		if (n <= 0)
			refuse_connect(where, "connection refused: nobody listens on it, or it has too many connections", NULL);
		if (line[used] == '\n')
			break;
		used++;
	}
	if (used < 3 || used == sizeof line || memcmp(line, "OK ", 3) != 0)
		refuse_connect(where, "what answers is no machine: it does not say 'OK'", NULL);
	return fd;
}

int vsh_connect(const struct vsh_address *address)
{
	signal(SIGPIPE, SIG_IGN);
	if (address->kind == VSH_BY_CID)
		return connect_vsock(address);
	return address->kind == VSH_BY_UDS ? connect_hybrid(address) : connect_unix(address->path);
}

static int accept_one(int listener, const char *where)
{
	int fd;

	if (await_readable(listener, DIAL_MS) < 0 || (fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) < 0) {
		if (errno == ETIMEDOUT)
			die(VSH_NOT_DONE, "cannot open a session: no vshd has dialled %s within 5 s", where);
		warn_errno("cannot open a session: %s: accept", where);
		exit(VSH_NOT_DONE);
	}
	close(listener);
	return fd;
}

static int await_vsock(const struct vsh_address *address, uint32_t listen_port)
{
	int listener = vsock_listen(listen_port, 1), fd;
	uint32_t cid, port;
	char where[64];

	if (listener < 0) {
		warn_errno("cannot listen on vsock port %u: %s", listen_port,
			   errno == EADDRINUSE ? "somebody else does" : errno == EAFNOSUPPORT ? explain_vsock(errno) : "bind");
		exit(VSH_NOT_DONE);
	}
	snprintf(where, sizeof where, "port %u", vsock_port(listener));
	if (listen_port == ANY_PORT)
		warn("waiting on %s", where);
	fd = accept_one(listener, where);
	if (vsock_peer(fd, &cid, &port) < 0 || cid != address->cid)
		die(VSH_NOT_DONE, "cannot open a session: the vshd that dialled is not of cid %u", address->cid);
	return fd;
}

/* A guest's connection to a port of its host arrives at the socket PATH_PORT, without a handshake. */
static int await_hybrid(const struct vsh_address *address, uint32_t listen_port)
{
	char path[256];
	int listener, fd;

	snprintf(path, sizeof path, "%.200s_%u", address->path, listen_port);
	listener = unix_listen(path, 1, 0600);
	if (listener < 0) {
		warn_errno("cannot listen on '%s'", path);
		exit(VSH_NOT_DONE);
	}
	fd = await_readable(listener, DIAL_MS);
	unlink(path);
	if (fd < 0)
		die(VSH_NOT_DONE, "cannot open a session: no vshd has dialled '%s' within 5 s", path);
	return accept_one(listener, path);
}

int vsh_await_dial(const struct vsh_address *address, uint32_t listen_port)
{
	signal(SIGPIPE, SIG_IGN);
	return address->kind == VSH_BY_CID ? await_vsock(address, listen_port) : await_hybrid(address, listen_port);
}
