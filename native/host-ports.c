#include "host-ports.h"

#include <arpa/inet.h>
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "container.h"
#include "error.h"
#include "fd.h"
#include "nft-elements.h"
#include "port-owner.h"

static bool is_any(const unsigned char *address, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (address[i])
			return false;
	return true;
}

static size_t put_port(unsigned char *to, uint64_t port)
{
	to[0] = (unsigned char)(port >> 8);
	to[1] = (unsigned char)port;
	return 4;
}

/* src/network/format-table.ts has the maps. */
static struct port_element element_of(const struct op *op)
{
	struct port_element e = { .table = op_str(op, F_NETWORK_PORT_TABLE) };
	size_t host_length, length;
	const unsigned char *host = op_bytes(op, F_NETWORK_PORT_HOST, &host_length);
	const unsigned char *address = op_bytes(op, F_NETWORK_PORT_ADDRESS, &length);
	bool any = is_any(host, host_length);

	e.map = length == 4 ? any ? "ports4" : "ports4at" : any ? "ports6" : "ports6at";
	if (!any) {
		memcpy(e.key, host, host_length);
		e.key_size = host_length;
	}
	e.key[e.key_size] = (unsigned char)op_u64(op, F_NETWORK_PORT_PROTOCOL);
	e.key_size += 4;
	e.key_size += put_port(e.key + e.key_size, op_u64(op, F_NETWORK_PORT_PORT));
	memcpy(e.value, address, length);
	e.value_size = length + put_port(e.value + length, op_u64(op, F_NETWORK_PORT_TARGET));
	return e;
}

/* Those of a table, or NULL: all. More than the room are none of ours. */
static int list_elements(const struct plan *plan, const char *table, struct port_element *elements)
{
	struct op op = { 0 };
	int count = 0;

	while (count < MAX_PORTS && plan_next_of(plan, &op, OP_NETWORK_PORT))
		if (!table || strcmp(table, op_str(&op, F_NETWORK_PORT_TABLE)) == 0)
			elements[count++] = element_of(&op);
	return count;
}

/* A socket that is bound and does not listen: nobody else can have the port then, and the kernel gives it back whatever becomes of us.
 * -1 with errno, -2 where this host has no addresses of that family. */
static int bind_port(const struct op *op)
{
	size_t length;
	const void *host = op_bytes(op, F_NETWORK_PORT_HOST, &length);
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)op_u64(op, F_NETWORK_PORT_PORT)) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = v4.sin_port };
	bool is_v6 = length == sizeof v6.sin6_addr;
	int type = op_u64(op, F_NETWORK_PORT_PROTOCOL) == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM, on = 1;
	_cleanup_close_ int fd = socket(is_v6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return is_v6 && errno == EAFNOSUPPORT ? -2 : -1;
	if (is_v6) {
		memcpy(&v6.sin6_addr, host, length);
		if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0 || bind(fd, (struct sockaddr *)&v6, sizeof v6) < 0)
			return -1;
	} else {
		memcpy(&v4.sin_addr, host, sizeof v4.sin_addr);
		if (bind(fd, (struct sockaddr *)&v4, sizeof v4) < 0)
			return -1;
	}
	return take_fd(&fd);
}

static const char *protocol_of(const struct op *op)
{
	return op_u64(op, F_NETWORK_PORT_PROTOCOL) == IPPROTO_TCP ? "tcp" : "udp";
}

static int refuse_port(const struct container *c, const struct op *op)
{
	char owner[128], port[32], address[INET6_ADDRSTRLEN] = "";
	size_t length;
	const void *host = op_bytes(op, F_NETWORK_PORT_HOST, &length);

	inet_ntop(length == 4 ? AF_INET : AF_INET6, host, address, sizeof address);
	snprintf(port, sizeof port, "%s %u", protocol_of(op), (unsigned)op_u64(op, F_NETWORK_PORT_PORT));
	if (errno == EADDRINUSE) {
		find_port_owner(owner, sizeof owner, c->dir, op);
		return refuse(owner, port, "open port %s of the host", port);
	}
	if (errno == EADDRNOTAVAIL)
		return refuse("the host has no such address", address, "open port %s of %s", port, address);
	return fail("bind", port, "open port %s of the host", port);
}

int open_ports(struct container *c)
{
	static struct port_element elements[MAX_PORTS];
	struct op op = { 0 };
	int count = 0;

	while (plan_next_of(&c->plan, &op, OP_NETWORK_PORT)) {
		int fd;

		if (count == MAX_PORTS)
			return refuse("these are too many", plan_name(&c->plan), "open more than %d ports of the host", MAX_PORTS);
		fd = bind_port(&op);
		if (fd == -2)
			continue;
		if (fd < 0)
			return refuse_port(c, &op);
		c->ports[c->port_count++] = fd;
		elements[count++] = element_of(&op);
	}
	if (put_elements(elements, count) < 0)
		return fail("netlink", elements[0].table, "open ports of the host in the table '%s'", elements[0].table);
	return 0;
}

void keep_ports(const struct container *c)
{
	for (int i = 0; i < c->port_count; i++)
		fcntl(c->ports[i], F_SETFD, 0);
}

void close_ports(struct container *c)
{
	while (c->port_count)
		close(c->ports[--c->port_count]);
}

void remove_ports(const struct plan *plan)
{
	static struct port_element elements[MAX_PORTS];

	if (plan_has(plan, OP_NETWORK_PORT))
		take_elements(elements, list_elements(plan, NULL, elements));
}

static int restore_of(int dirfd, const char *table)
{
	static struct port_element elements[MAX_PORTS];
	struct plan plan = { 0 };

	/* Without it there is no container. */
	if (faccessat(dirfd, "state", F_OK, 0) < 0 || plan_open(&plan, dirfd, "plan") < 0) {
		failure = (struct failure){ 0 };
		return 0;
	}
	if (put_elements(elements, list_elements(&plan, table, elements)) == 0)
		return 0;
	return fail("netlink", table, "open the ports of '%s' again", plan_name(&plan));
}

int restore_ports(int network_dir, const char *table)
{
	int all = openat(network_dir, "../../containers", O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = 0;
	DIR *dir = all < 0 ? NULL : fdopendir(all);
	struct dirent *entry;

	while (dir && result == 0 && (entry = readdir(dir))) {
		_cleanup_close_ int box = -1;

		if (entry->d_name[0] == '.')
			continue;
		box = openat(all, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (box >= 0)
			result = restore_of(box, table);
	}
	if (dir)
		closedir(dir);
	return result;
}
