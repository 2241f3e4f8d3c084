/* Addresses and routes, and what init does in its own network namespace. */
#include <errno.h>
#include <sys/socket.h>

#include "error.h"
#include "links.h"
#include "netlink.h"

int add_address(const char *link, const struct op *op, int address_field, int prefix_field, int peer_field)
{
	size_t length, peer_length;
	const void *address = op_bytes(op, address_field, &length), *peer = op_bytes(op, peer_field, &peer_length);
	struct ifaddrmsg message = {
		.ifa_family = length == 4 ? AF_INET : AF_INET6,
		.ifa_prefixlen = (uint8_t)op_u64(op, prefix_field),
		.ifa_index = (uint32_t)link_index(link),
		/* Nobody else is on a fresh link: duplicate address detection would keep it tentative for a second. */
		.ifa_flags = length == 4 ? 0 : IFA_F_NODAD,
	};
	struct request r;

	begin_request(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &message, sizeof message);
	add_attribute(&r, IFA_LOCAL, address, length);
	add_attribute(&r, IFA_ADDRESS, peer_length ? peer : address, length);
	return send_request(&r) < 0 ? fail("netlink", link, "add an address to '%s'", link) : 0;
}

int add_route(const char *link, const struct op *op, int first_field)
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

	begin_request(&r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &message, sizeof message);
	if (message.rtm_dst_len)
		add_attribute(&r, RTA_DST, destination, length);
	if (gateway_length)
		add_attribute(&r, RTA_GATEWAY, gateway, gateway_length);
	if (metric)
		add_u32(&r, RTA_PRIORITY, metric);
	if (*link)
		add_u32(&r, RTA_OIF, (uint32_t)link_index(link));
	return send_request(&r) < 0 ? fail("netlink", link, "add a route") : 0;
}

int do_network_op(const struct op *op)
{
	const char *link = op->code == OP_LOOPBACK ? "lo" : op_str(op, 0);

	switch (op->code) {
	case OP_LOOPBACK:
	case OP_LINK_UP:
		return set_link_up(link_index(link)) < 0 ? fail("netlink", link, "bring up the link '%s'", link) : 0;
	case OP_ADDRESS:
		return add_address(link, op, F_ADDRESS_ADDRESS, F_ADDRESS_PREFIX, F_ADDRESS_PEER);
	case OP_ROUTE:
		return add_route("", op, F_ROUTE_DESTINATION);
	default:
		return 0;
	}
}
