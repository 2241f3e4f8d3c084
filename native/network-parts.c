/* The operations of a network's plan, and their way back. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "bandwidth.h"
#include "error.h"
#include "fd.h"
#include "io.h"
#include "links.h"
#include "netlink.h"
#include "network.h"
#include "network-keeper.h"
#include "nft.h"

static int make_bridge(const struct op *op)
{
	const char *name = op_str(op, F_NETWORK_BRIDGE_NAME);
	uint32_t mtu = (uint32_t)op_u64(op, F_NETWORK_BRIDGE_MTU), stp = op_u64(op, F_NETWORK_BRIDGE_STP) != 0;
	struct ifinfomsg info = { 0 };
	struct rtattr *link_info, *data;
	struct request r;
	uint8_t off = 0;
	size_t length;
	const void *mac = op_bytes(op, F_NETWORK_BRIDGE_MAC, &length);

	begin_request(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
	add_text(&r, IFLA_IFNAME, name);
	add_u32(&r, IFLA_GROUP, LINK_GROUP);
	add_attribute(&r, IFLA_ADDRESS, mac, length);
	if (mtu)
		add_u32(&r, IFLA_MTU, mtu);
	link_info = add_attribute(&r, IFLA_LINKINFO, NULL, 0);
	add_text(&r, IFLA_INFO_KIND, "bridge");
	data = add_attribute(&r, IFLA_INFO_DATA, NULL, 0);
	add_u32(&r, IFLA_BR_STP_STATE, stp);
	/* In hundredths; the kernel takes nothing below two seconds with STP. */
	if (stp)
		add_u32(&r, IFLA_BR_FORWARD_DELAY, (uint32_t)op_u64(op, F_NETWORK_BRIDGE_DELAY) * 100);
	add_attribute(&r, IFLA_BR_MCAST_SNOOPING, &off, sizeof off);
	close_nest(&r, data);
	close_nest(&r, link_info);
	if (send_request(&r) == 0)
		return 0;
	if (errno == EEXIST)
		return refuse("a link of this name is there, and is none of this network", name, "make the bridge '%s'", name);
	return fail("netlink", name, "make the bridge '%s'", name);
}

static int set_sysctl(const struct op *op)
{
	const char *path = op_str(op, F_HOST_SYSCTL_PATH), *value = op_str(op, F_HOST_SYSCTL_VALUE);
	char full[256], now[64];
	_cleanup_close_ int fd = -1;

	snprintf(full, sizeof full, "/proc/sys/%s", path);
	/* Who has it right already may have it read-only. */
	if (read_small_file(AT_FDCWD, full, now, sizeof now) > 0) {
		now[strcspn(now, "\n")] = 0;
		if (strcmp(now, value) == 0)
			return 0;
	}
	fd = open(full, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write_all(fd, value, strlen(value)) == 0)
		return 0;
	return op_u64(op, F_HOST_SYSCTL_OPTIONS) & OPT_IF_POSSIBLE ? 0 : fail("write", full, "set '%s' to %s", path, value);
}

static int execute_op(const struct network *network, const struct op *op)
{
	const char *link;

	switch (op->code) {
	case OP_NETWORK_BRIDGE:
		return make_bridge(op);
	case OP_HOST_SYSCTL:
		return set_sysctl(op);
	case OP_HOST_ADDRESS:
		return add_address(op_str(op, F_HOST_ADDRESS_LINK), op, F_HOST_ADDRESS_ADDRESS, F_HOST_ADDRESS_PREFIX,
				   F_HOST_ADDRESS_PEER);
	case OP_HOST_ROUTE:
		return add_route(op_str(op, F_HOST_ROUTE_LINK), op, F_HOST_ROUTE_DESTINATION);
	case OP_HOST_LINK_UP:
		link = op_str(op, F_HOST_LINK_UP_LINK);
		return set_link_up(link_index(link)) < 0 ? fail("netlink", link, "bring up the link '%s'", link) : 0;
	case OP_BANDWIDTH:
		return limit_bandwidth(op);
	case OP_NETWORK_TABLE:
		return make_table(op);
	case OP_NETWORK_KEEPER:
		return start_keeper(network->dirfd, op);
	default:
		return 0;
	}
}

int execute_network(const struct network *network)
{
	struct op op = { 0 };

	while (plan_next(&network->plan, &op))
		if (execute_op(network, &op) < 0)
			return -1;
	return 0;
}

int serve_network(const struct network *network)
{
	struct op op = { 0 };

	if (!plan_has(&network->plan, OP_NETWORK_KEEPER) || is_kept(network->dirfd))
		return 0;
	return plan_next_of(&network->plan, &op, OP_NETWORK_KEEPER) ? start_keeper(network->dirfd, &op) : 0;
}

void undo_network(const struct network *network)
{
	struct op op = { 0 };

	end_keeper(network->dirfd);
	while (plan_next_of(&network->plan, &op, OP_NETWORK_TABLE))
		remove_table(op_str(&op, F_NETWORK_TABLE_FAMILY), op_str(&op, F_NETWORK_TABLE_TABLE));
	memset(&op, 0, sizeof op);
	while (plan_next_of(&network->plan, &op, OP_NETWORK_BRIDGE))
		remove_link(op_str(&op, F_NETWORK_BRIDGE_NAME));
}
