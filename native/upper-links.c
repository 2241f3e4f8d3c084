#include "upper-links.h"

#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>

#include "error.h"
#include "netlink.h"

struct upper {
	const char *kind, *link, *guest;
	const void *mac;
	size_t mac_length;
	uint32_t mtu;
};

static struct upper upper_of(const struct op *op)
{
	struct upper u = { .kind = "macvlan", .link = op_str(op, F_MACVLAN_LINK), .guest = op_str(op, F_MACVLAN_GUEST) };

	switch (op->code) {
	case OP_IPVLAN:
		u.kind = "ipvlan";
		u.mtu = (uint32_t)op_u64(op, F_IPVLAN_MTU);
		break;
	case OP_VLAN:
		u.kind = "vlan";
		u.mac = op_bytes(op, F_VLAN_MAC, &u.mac_length);
		u.mtu = (uint32_t)op_u64(op, F_VLAN_MTU);
		break;
	default:
		u.mac = op_bytes(op, F_MACVLAN_MAC, &u.mac_length);
		u.mtu = (uint32_t)op_u64(op, F_MACVLAN_MTU);
	}
	return u;
}

static void add_kind_data(struct request *r, const struct op *op)
{
	struct rtattr *data = add_attribute(r, IFLA_INFO_DATA, NULL, 0);
	uint16_t number;

	switch (op->code) {
	case OP_IPVLAN:
		number = (uint16_t)op_u64(op, F_IPVLAN_MODE);
		add_attribute(r, IFLA_IPVLAN_MODE, &number, sizeof number);
		number = (uint16_t)op_u64(op, F_IPVLAN_FLAGS);
		if (number)
			add_attribute(r, IFLA_IPVLAN_FLAGS, &number, sizeof number);
		break;
	case OP_VLAN:
		number = (uint16_t)op_u64(op, F_VLAN_ID);
		add_attribute(r, IFLA_VLAN_ID, &number, sizeof number);
		break;
	default:
		add_u32(r, IFLA_MACVLAN_MODE, (uint32_t)op_u64(op, F_MACVLAN_MODE));
	}
	close_nest(r, data);
}

static int explain(const struct upper *u)
{
	switch (errno) {
	case EOPNOTSUPP:
		return refuse("this kernel has no links of that kind", u->kind, "make the %s '%s' on '%s'", u->kind, u->guest, u->link);
	case EBUSY:
		return refuse("it is a port of a bridge, or in use in another way", u->link, "make the %s '%s' on '%s'", u->kind, u->guest,
			      u->link);
	case EINVAL:
		return refuse("that link takes none, or not in this mode", u->link, "make the %s '%s' on '%s'", u->kind, u->guest, u->link);
	default:
		return fail("netlink", u->link, "make the %s '%s' on '%s'", u->kind, u->guest, u->link);
	}
}

int make_upper_link(const struct container *c, const struct op *op)
{
	struct upper u = upper_of(op);
	struct ifinfomsg info = { 0 };
	struct rtattr *link_info;
	struct request r;
	int lower = link_index(u.link);

	if (!lower)
		return refuse("there is no such link on the host", u.link, "make the %s '%s' on '%s'", u.kind, u.guest, u.link);
	begin_request(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
	add_text(&r, IFLA_IFNAME, u.guest);
	/* The lower link is looked up where the message comes from. */
	add_u32(&r, IFLA_LINK, (uint32_t)lower);
	add_u32(&r, IFLA_NET_NS_PID, (uint32_t)c->init);
	if (u.mac_length)
		add_attribute(&r, IFLA_ADDRESS, u.mac, u.mac_length);
	if (u.mtu)
		add_u32(&r, IFLA_MTU, u.mtu);
	link_info = add_attribute(&r, IFLA_LINKINFO, NULL, 0);
	add_text(&r, IFLA_INFO_KIND, u.kind);
	add_kind_data(&r, op);
	close_nest(&r, link_info);
	return send_request(&r) < 0 ? explain(&u) : 0;
}
