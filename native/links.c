/* Links in the host's network namespace: bridges and veth pairs. */
#include "links.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bandwidth.h"
#include "bridge-ports.h"
#include "container.h"
#include "error.h"
#include "fd.h"
#include "host-ports.h"
#include "ingress.h"
#include "link-facts.h"
#include "netlink.h"
#include "network.h"
#include "nics.h"
#include "sync.h"
#include "upper-links.h"

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
	struct link_facts facts;

	return read_link_facts(&facts, name, 0) == 0 && facts.group == LINK_GROUP;
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

void release_bridge(const char *name, const char *dir)
{
	if (!has_port(name, dir) && is_our_link(name))
		delete_link(name);
}

/* The end of a container's last run may take its time; it leaves the bridge and gives up its name, so that its successor has both. */
static bool set_aside(const struct container *c, const char *name)
{
	struct ifinfomsg info = { 0 };
	struct link_facts facts;
	struct request r;

	if (read_link_facts(&facts, name, 0) < 0)
		return errno == ENODEV;
	if (facts.group != LINK_GROUP || strcmp(facts.alias, plan_name(&c->plan)) != 0)
		return false;
	info.ifi_index = facts.index;
	begin_request(&r, RTM_NEWLINK, 0, &info, sizeof info);
	add_text(&r, IFLA_IFNAME, "ctr-old%d");
	if (facts.master)
		add_u32(&r, IFLA_MASTER, 0);
	/* Before Linux 6.2 a link keeps its name while it is up. */
	if (send_request(&r) < 0 && errno != ENODEV)
		delete_link(name);
	return true;
}

/* Whose it is. The message that makes a link takes no alias. */
static void set_alias(const char *link, const char *alias)
{
	struct ifinfomsg info = { .ifi_index = link_index(link) };
	struct request r;

	begin_request(&r, RTM_NEWLINK, 0, &info, sizeof info);
	add_text(&r, IFLA_IFALIAS, alias);
	send_request(&r);
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

static int explain_veth(const char *host, const char *master, const char *guest)
{
	char path[64];

	if (errno == EEXIST)
		return refuse("the host has a link of that name already", host, "make the link '%s' to '%s'", host, guest);
	if (*master && errno == EXFULL)
		return refuse("it is full: a bridge has 1023 ports at the most", master, "connect '%s' to the bridge '%s'", host, master);
	snprintf(path, sizeof path, "/sys/class/net/%.20s/bridge", master);
	if (*master && errno == EOPNOTSUPP && access(path, F_OK) < 0)
		return refuse("it is a link, but no bridge", master, "connect '%s' to the bridge '%s'", host, master);
	return fail("netlink", host, "make the link '%s' to '%s'", host, guest);
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
		if (!link_index(master))
			return refuse("there is no such link on the host", master, "connect '%s' to the bridge '%s'", host, master);
	}
	if (*master)
		forget_dying_port(c->dir, host);
	if (make_veth(c, op) == 0 || (errno == EEXIST && set_aside(c, host) && make_veth(c, op) == 0)) {
		set_alias(host, plan_name(&c->plan));
		if (*master && plan_has(&c->plan, OP_NETWORK_PORT) && set_hairpin(host) < 0)
			return fail("netlink", host, "let '%s' answer itself", host);
		return 0;
	}
	return explain_veth(host, master, op_str(op, F_VETH_GUEST));
}

static int do_link_op(struct container *c, const struct op *op, struct network *network)
{
	switch (op->code) {
	case OP_NETWORK:
		leave_network(network);
		return join_network(network, op);
	case OP_VETH:
		return make_port(c, op);
	case OP_MACVLAN:
	case OP_IPVLAN:
	case OP_VLAN:
		return make_upper_link(c, op);
	case OP_PHYS:
		return take_nic(c, op);
	case OP_PORT_FILTER:
		return filter_port(op);
	case OP_BANDWIDTH:
		return limit_bandwidth(op);
	case OP_BRIDGE_PORT:
		return set_port_flags(op);
	case OP_HOST_ADDRESS:
		return add_address(op_str(op, F_HOST_ADDRESS_LINK), op, F_HOST_ADDRESS_ADDRESS, F_HOST_ADDRESS_PREFIX,
				   F_HOST_ADDRESS_PEER);
	case OP_HOST_ROUTE:
		return add_route(op_str(op, F_HOST_ROUTE_LINK), op, F_HOST_ROUTE_DESTINATION);
	default:
		return 0;
	}
}

int make_links(struct container *c)
{
	/* Its lock is held until its port is in the bridge: then it stays. */
	__attribute__((cleanup(leave_network))) struct network network = { .dirfd = -1, .lock = -1 };
	struct op op = { 0 };

	while (plan_next_in(&c->plan, &op, PHASE_LINK)) {
		if (await_networked(c) < 0 || do_link_op(c, &op, &network) < 0)
			return -1;
	}
	return plan_has(&c->plan, OP_NETWORK_PORT) ? open_ports(c) : 0;
}
