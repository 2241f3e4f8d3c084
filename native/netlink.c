#include "netlink.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "container.h"
#include "error.h"
#include "fd.h"

/* Our mark on links in the host's network namespace: "ctr" as a device group (`ip link show group 6517874`), since a group, unlike
 * an alias, can be given in the message that makes the link. Only links that carry it are ever removed. */
#define LINK_GROUP 0x637472

/* A request and its buffer; 1 KiB holds the largest, a veth pair. */
struct request {
	struct nlmsghdr header;
	char body[1024 - sizeof(struct nlmsghdr)];
};

static void begin(struct request *r, uint16_t type, uint16_t flags, const void *fixed, size_t size)
{
	memset(r, 0, sizeof *r);
	r->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(size);
	r->header.nlmsg_type = type;
	r->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	memcpy(NLMSG_DATA(&r->header), fixed, size);
}

static struct rtattr *add(struct request *r, uint16_t type, const void *data, size_t size)
{
	struct rtattr *attr = (struct rtattr *)((char *)r + NLMSG_ALIGN(r->header.nlmsg_len));

	attr->rta_type = type;
	attr->rta_len = (uint16_t)RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(attr), data, size);
	r->header.nlmsg_len = NLMSG_ALIGN(r->header.nlmsg_len) + (uint32_t)RTA_ALIGN(attr->rta_len);
	return attr;
}

static void add_u32(struct request *r, uint16_t type, uint32_t value)
{
	add(r, type, &value, sizeof value);
}

static void add_text(struct request *r, uint16_t type, const char *text)
{
	add(r, type, text, strlen(text) + 1);
}

/* Everything added after `attr` became part of it. */
static void close_nest(struct request *r, struct rtattr *attr)
{
	attr->rta_len = (uint16_t)((char *)r + r->header.nlmsg_len - (char *)attr);
}

/* Sends the request and reads its acknowledgement; -1 with errno. */
static int talk(struct request *r)
{
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	char answer[2048];
	struct nlmsghdr *header = (struct nlmsghdr *)answer;
	struct nlmsgerr *error = NLMSG_DATA(header);
	ssize_t n;

	if (fd < 0 || sendto(fd, r, r->header.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0)
		return -1;
	n = recv(fd, answer, sizeof answer, 0);
	if (n < (ssize_t)NLMSG_LENGTH(sizeof *error) || header->nlmsg_type != NLMSG_ERROR) {
		errno = EPROTO;
		return -1;
	}
	errno = -error->error;
	return error->error ? -1 : 0;
}

/* ioctl, not if_nametoindex(3): the same in every libc, and without a netlink dump. */
static int index_of(const char *name)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request;

	memset(&request, 0, sizeof request);
	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
	return fd < 0 || ioctl(fd, SIOCGIFINDEX, &request) < 0 ? 0 : request.ifr_ifindex;
}

static int set_up(int index)
{
	struct ifinfomsg info = { .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct request r;

	begin(&r, RTM_NEWLINK, 0, &info, sizeof info);
	return talk(&r);
}

/* ---- in the host's network namespace ------------------------------------ */

int ensure_bridge(const struct op *op)
{
	const char *name = op_str(op, F_BRIDGE_NAME);
	struct ifinfomsg info = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct request r;
	struct rtattr *link_info, *data;
	uint8_t off = 0;
	size_t length;
	const void *mac = op_bytes(op, F_BRIDGE_MAC, &length);

	if (index_of(name))
		return set_up(index_of(name)) < 0 ? fail("netlink", name, "bring up the bridge '%s'", name) : 0;
	begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
	add_text(&r, IFLA_IFNAME, name);
	add_u32(&r, IFLA_GROUP, LINK_GROUP);
	if (length)
		add(&r, IFLA_ADDRESS, mac, length);
	link_info = add(&r, IFLA_LINKINFO, NULL, 0);
	add_text(&r, IFLA_INFO_KIND, "bridge");
	data = add(&r, IFLA_INFO_DATA, NULL, 0);
	add_u32(&r, IFLA_BR_STP_STATE, 0);
	add(&r, IFLA_BR_MCAST_SNOOPING, &off, sizeof off);
	close_nest(&r, data);
	close_nest(&r, link_info);
	/* EEXIST: another run directory was faster; it is there, which is all we want. */
	if (talk(&r) < 0 && errno != EEXIST)
		return fail("netlink", name, "make the bridge '%s'", name);
	return 0;
}

static bool is_ours(const char *name)
{
	char path[128], text[16] = "";
	_cleanup_close_ int fd = -1;

	snprintf(path, sizeof path, "/sys/class/net/%s/netdev_group", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, text, sizeof text - 1) > 0 && strtol(text, NULL, 10) == LINK_GROUP;
}

static bool has_port(const char *bridge)
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

	begin(&r, RTM_DELLINK, 0, &info, sizeof info);
	add_text(&r, IFLA_IFNAME, name);
	if (talk(&r) < 0 && errno != ENODEV)
		warn_errno("cannot remove the link '%s': netlink", name);
}

void remove_link(const char *name)
{
	if (is_ours(name))
		delete_link(name);
}

void release_bridge(const char *name)
{
	if (is_ours(name) && !has_port(name))
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

	begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
	add_text(&r, IFLA_IFNAME, host);
	add_u32(&r, IFLA_GROUP, LINK_GROUP);
	if (mtu)
		add_u32(&r, IFLA_MTU, mtu);
	if (*master)
		add_u32(&r, IFLA_MASTER, (uint32_t)index_of(master));
	link_info = add(&r, IFLA_LINKINFO, NULL, 0);
	add_text(&r, IFLA_INFO_KIND, "veth");
	data = add(&r, IFLA_INFO_DATA, NULL, 0);
	/* The other end begins with an ifinfomsg of its own, and is made where it belongs. */
	peer = add(&r, VETH_INFO_PEER, &peer_info, sizeof peer_info);
	add_text(&r, IFLA_IFNAME, op_str(op, F_VETH_GUEST));
	add_u32(&r, IFLA_NET_NS_PID, (uint32_t)c->init);
	if (length)
		add(&r, IFLA_ADDRESS, mac, length);
	if (mtu)
		add_u32(&r, IFLA_MTU, mtu);
	close_nest(&r, peer);
	close_nest(&r, data);
	close_nest(&r, link_info);
	return talk(&r);
}

/* The bridge of a network may go with its last container between our making sure of it and our first port. */
static int make_port(struct container *c, const struct op *op)
{
	const char *host = op_str(op, F_VETH_HOST), *master = op_str(op, F_VETH_MASTER);

	if (*master && !index_of(master)) {
		struct op bridge = { 0 };

		while (plan_next_of(&c->plan, &bridge, OP_BRIDGE))
			if (strcmp(op_str(&bridge, F_BRIDGE_NAME), master) == 0 && ensure_bridge(&bridge) < 0)
				return -1;
		if (!index_of(master)) {
			errno = ENODEV;
			return fail("netlink", master, "connect '%s' to the bridge '%s'", host, master);
		}
	}
	if (make_veth(c, op) < 0)
		return fail("netlink", host, "make the link '%s' to '%s'", host, op_str(op, F_VETH_GUEST));
	return 0;
}

static int add_address(const char *link, const struct op *op, int address_field, int prefix_field, int peer_field)
{
	size_t length, peer_length;
	const void *address = op_bytes(op, address_field, &length), *peer = op_bytes(op, peer_field, &peer_length);
	struct ifaddrmsg message = {
		.ifa_family = length == 4 ? AF_INET : AF_INET6,
		.ifa_prefixlen = (uint8_t)op_u64(op, prefix_field),
		.ifa_index = (uint32_t)index_of(link),
		/* Nobody else is on a fresh link: duplicate address detection would keep it tentative for a second. */
		.ifa_flags = length == 4 ? 0 : IFA_F_NODAD,
	};
	struct request r;

	begin(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &message, sizeof message);
	add(&r, IFA_LOCAL, address, length);
	add(&r, IFA_ADDRESS, peer_length ? peer : address, length);
	return talk(&r) < 0 ? fail("netlink", link, "add an address to '%s'", link) : 0;
}

static int add_route(const char *link, const struct op *op, int first_field)
{
	size_t length, gateway_length;
	const void *destination = op_bytes(op, first_field, &length);
	const void *gateway = op_bytes(op, first_field + 2, &gateway_length);
	uint32_t metric = (uint32_t)op_u64(op, first_field + 3);
	struct rtmsg message = {
		.rtm_family = length == 4 ? AF_INET : AF_INET6,
		.rtm_dst_len = (uint8_t)op_u64(op, first_field + 1),
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
	};
	struct request r;

	begin(&r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &message, sizeof message);
	if (message.rtm_dst_len)
		add(&r, RTA_DST, destination, length);
	if (gateway_length)
		add(&r, RTA_GATEWAY, gateway, gateway_length);
	if (metric)
		add_u32(&r, RTA_PRIORITY, metric);
	if (*link)
		add_u32(&r, RTA_OIF, (uint32_t)index_of(link));
	return talk(&r) < 0 ? fail("netlink", link, "add a route") : 0;
}

int make_links(struct container *c)
{
	struct op op = { 0 };

	while (plan_next(&c->plan, &op)) {
		int result = 0;

		if (op.code == OP_VETH)
			result = make_port(c, &op);
		else if (op.code == OP_HOST_ADDRESS)
			result = add_address(op_str(&op, F_HOST_ADDRESS_LINK), &op, F_HOST_ADDRESS_ADDRESS,
					     F_HOST_ADDRESS_PREFIX, F_HOST_ADDRESS_PEER);
		else if (op.code == OP_HOST_ROUTE)
			result = add_route(op_str(&op, F_HOST_ROUTE_LINK), &op, F_HOST_ROUTE_DESTINATION);
		if (result < 0)
			return -1;
	}
	return 0;
}

/* ---- in init's network namespace ---------------------------------------- */

int do_network_op(const struct op *op)
{
	const char *link = op->code == OP_LOOPBACK ? "lo" : op_str(op, 0);

	switch (op->code) {
	case OP_LOOPBACK:
	case OP_LINK_UP:
		return set_up(index_of(link)) < 0 ? fail("netlink", link, "bring up the link '%s'", link) : 0;
	case OP_ADDRESS:
		return add_address(link, op, F_ADDRESS_ADDRESS, F_ADDRESS_PREFIX, F_ADDRESS_PEER);
	case OP_ROUTE:
		return add_route("", op, F_ROUTE_DESTINATION);
	default:
		return 0;
	}
}
