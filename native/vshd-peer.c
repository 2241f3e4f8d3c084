/* Who may have a session. There is no other proof than what the kernel says of a connection, so there is no carrier but those of which
 * it says something: a unix socket has the uid of who connected, vsock the cid of his machine. */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vsh-socket.h"
#include "vshd.h"

static bool is_among(const struct allowed *allowed, uint32_t id)
{
	for (int i = 0; i < allowed->count; i++)
		if (allowed->ids[i] == id)
			return true;
	return allowed->any;
}

static const char *check_uid(int socket, char *who, size_t size)
{
	struct ucred peer;
	socklen_t length = sizeof peer;

	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
		return "the kernel does not say who you are";
	snprintf(who, size, "uid %u", peer.uid);
	if (peer.uid == 0 || peer.uid == geteuid() || is_among(&vshd.uids, peer.uid))
		return NULL;
	return "your uid may not connect (vshd --allow_uid)";
}

/* The host is trusted: it sees all memory of its guests. On this machine itself everybody may connect, and only who may bind a
 * reserved port shows that he is root. */
static const char *check_cid(int socket, char *who, size_t size)
{
	uint32_t cid, port;

	if (vsock_peer(socket, &cid, &port) < 0)
		return "the kernel does not say who you are";
	snprintf(who, size, "cid %u", cid);
	if (cid == CID_HOST || is_among(&vshd.cids, cid))
		return NULL;
	if (cid == CID_LOCAL)
		return port < RESERVED_PORTS ? NULL : "who connects on the same machine must be root (or vshd --allow_cid=1)";
	return "your cid may not connect (vshd --allow_cid)";
}

const char *check_peer(int socket, char *who, size_t size)
{
	int domain = 0;
	socklen_t length = sizeof domain;

	snprintf(who, size, "somebody");
	if (getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &length) < 0)
		return "the kernel does not say who you are";
	return domain == AF_UNIX ? check_uid(socket, who, size) : check_cid(socket, who, size);
}
