/* Links in the host's network namespace: bridges and veth pairs. */
#include "links.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container.h"
#include "error.h"
#include "fd.h"
#include "netlink.h"
#include "network.h"
#include "ports.h"
#include "sync.h"

int ensure_bridge(const struct op *op)
{
	const char *name = op_str(op, F_BRIDGE_NAME);
	struct ifinfomsg info = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct request r;
	struct rtattr *link_info, *data;
	uint8_t off = 0;
	size_t length;
	const void *mac = op_bytes(op, F_BRIDGE_MAC, &length);

	if (link_index(name))
		return set_link_up(link_index(name)) < 0 ? fail("netlink", name, "bring up the bridge '%s'", name) : 0;
	begin_request(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
	add_text(&r, IFLA_IFNAME, name);
	add_u32(&r, IFLA_GROUP, LINK_GROUP);
	if (length)
		add_attribute(&r, IFLA_ADDRESS, mac, length);
	link_info = add_attribute(&r, IFLA_LINKINFO, NULL, 0);
	add_text(&r, IFLA_INFO_KIND, "bridge");
	data = add_attribute(&r, IFLA_INFO_DATA, NULL, 0);
	add_u32(&r, IFLA_BR_STP_STATE, 0);
	add_attribute(&r, IFLA_BR_MCAST_SNOOPING, &off, sizeof off);
	close_nest(&r, data);
	close_nest(&r, link_info);
	/* EEXIST: another run directory was faster; it is there, which is all we want. */
	if (send_request(&r) < 0 && errno != EEXIST)
		return fail("netlink", name, "make the bridge '%s'", name);
	return 0;
}

bool is_our_link(const char *name)
{
	uint32_t group;

	return link_group(name, &group) == 0 && group == LINK_GROUP;
}

/* A port that the kernel is removing is listed till it is through: ask is_our_link() first, which waits for that. */
bool has_port(const char *bridge)
{
	char path[128];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof path, "/sys/class/net/%s/brif", bridge);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir)))
		found = entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return found;
}

static void delete_link(const char *name)
{
	struct ifinfomsg info = { 0 };
	struct request r;

	begin_request(&r, RTM_DELLINK, 0, &info, sizeof info);
	add_text(&r, IFLA_IFNAME, name);
	if (send_request(&r) < 0 && errno != ENODEV)
		warn_errno("cannot remove the link '%s': netlink", name);
}

void remove_link(const char *name)
{
	if (is_our_link(name))
		delete_link(name);
}

void release_bridge(const char *name)
{
	if (is_our_link(name) && !has_port(name))
		delete_link(name);
}

static int make_veth(const struct container *c, const struct op *op)
{
	const char *host = op_str(op, F_VETH_HOST), *master = op_str(op, F_VETH_MASTER);
	uint32_t mtu = (uint32_t)op_u64(op, F_VETH_MTU);
	struct ifinfomsg info = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP }, peer_info = { 0 };
	struct rtattr *link_info, *data, *peer;
	struct request r;
	size_t length;
	const void *mac = op_bytes(op, F_VETH_MAC, &length);

	begin_request(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
	add_text(&r, IFLA_IFNAME, host);
	add_u32(&r, IFLA_GROUP, LINK_GROUP);
	if (mtu)
		add_u32(&r, IFLA_MTU, mtu);
	if (*master)
		add_u32(&r, IFLA_MASTER, (uint32_t)link_index(master));
	link_info = add_attribute(&r, IFLA_LINKINFO, NULL, 0);
	add_text(&r, IFLA_INFO_KIND, "veth");
	data = add_attribute(&r, IFLA_INFO_DATA, NULL, 0);
	/* The other end begins with an ifinfomsg of its own, and is made where it belongs. */
	peer = add_attribute(&r, VETH_INFO_PEER, &peer_info, sizeof peer_info);
	add_text(&r, IFLA_IFNAME, op_str(op, F_VETH_GUEST));
	add_u32(&r, IFLA_NET_NS_PID, (uint32_t)c->init);
	if (length)
		add_attribute(&r, IFLA_ADDRESS, mac, length);
	if (mtu)
		add_u32(&r, IFLA_MTU, mtu);
	close_nest(&r, peer);
	close_nest(&r, data);
	close_nest(&r, link_info);
	return send_request(&r);
}

/* Who calls a port of the host that leads to itself sends out by its port what is to come back by it; where frames of bridges pass
 * through the rules of the host (br_netfilter), the bridge must do that. */
static int set_hairpin(const char *host)
{
	struct ifinfomsg info = { .ifi_family = AF_BRIDGE, .ifi_index = link_index(host) };
	struct rtattr *port;
	struct request r;
	uint8_t on = 1;

	begin_request(&r, RTM_SETLINK, 0, &info, sizeof info);
	port = add_attribute(&r, IFLA_PROTINFO | NLA_F_NESTED, NULL, 0);
	add_attribute(&r, IFLA_BRPORT_MODE, &on, sizeof on);
	close_nest(&r, port);
	return send_request(&r);
}

/* The bridge of a network may have gone with its last container since the host phase. Under the lock that its removal takes, too, it
 * stays from here on: it has our port then. */
static int make_port(struct container *c, const struct op *op)
{
	const char *host = op_str(op, F_VETH_HOST), *master = op_str(op, F_VETH_MASTER);
	_cleanup_close_ int lock = *master ? lock_host(c->dir) : -1;

	if (*master && !link_index(master)) {
		struct op bridge = { 0 };

		while (plan_next_of(&c->plan, &bridge, OP_BRIDGE))
			if (strcmp(op_str(&bridge, F_BRIDGE_NAME), master) == 0 && ensure_bridge(&bridge) < 0)
				return -1;
		if (!link_index(master)) {
			errno = ENODEV;
			return fail("netlink", master, "connect '%s' to the bridge '%s'", host, master);
		}
	}
	if (make_veth(c, op) < 0)
		return fail("netlink", host, "make the link '%s' to '%s'", host, op_str(op, F_VETH_GUEST));
	if (*master && plan_has(&c->plan, OP_NETWORK_PORT) && set_hairpin(host) < 0)
		return fail("netlink", host, "let '%s' answer itself", host);
	return 0;
}

int make_links(struct container *c)
{
	/* Its lock is held until its port is in the bridge: then it stays. */
	__attribute__((cleanup(leave_network))) struct network network = { .dirfd = -1, .lock = -1 };
	struct op op = { 0 };

	while (plan_next_in(&c->plan, &op, PHASE_LINK)) {
		int result = 0;

		if (await_settled(c) < 0)
			return -1;
		if (op.code == OP_NETWORK) {
			leave_network(&network);
			result = join_network(&network, &op);
		} else if (op.code == OP_VETH)
			result = make_port(c, &op);
		else if (op.code == OP_HOST_ADDRESS)
			result = add_address(op_str(&op, F_HOST_ADDRESS_LINK), &op, F_HOST_ADDRESS_ADDRESS,
					     F_HOST_ADDRESS_PREFIX, F_HOST_ADDRESS_PEER);
		else if (op.code == OP_HOST_ROUTE)
			result = add_route(op_str(&op, F_HOST_ROUTE_LINK), &op, F_HOST_ROUTE_DESTINATION);
		if (result < 0)
			return -1;
	}
	return plan_has(&c->plan, OP_NETWORK_PORT) ? open_ports(c) : 0;
}
