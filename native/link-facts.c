#include "link-facts.h"

#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

#include "netlink.h"

static void copy_text(char *to, size_t size, const struct rtattr *a)
{
	snprintf(to, size, "%.*s", (int)RTA_PAYLOAD(a), (const char *)RTA_DATA(a));
}

static void copy_number(uint32_t *to, const struct rtattr *a)
{
	if (RTA_PAYLOAD(a) == sizeof *to)
		memcpy(to, RTA_DATA(a), sizeof *to);
}

static void add_altnames(struct link_facts *facts, const struct rtattr *list)
{
	int left = (int)RTA_PAYLOAD(list);

	for (const struct rtattr *a = RTA_DATA(list); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		size_t used = strlen(facts->altnames);

		if (a->rta_type == IFLA_ALT_IFNAME && used + LONG_NAME < sizeof facts->altnames)
			snprintf(facts->altnames + used, sizeof facts->altnames - used, "%.*s ", LONG_NAME, (const char *)RTA_DATA(a));
	}
}

static void read_attribute(struct link_facts *facts, const struct rtattr *a)
{
	switch (a->rta_type & NLA_TYPE_MASK) {
	case IFLA_IFNAME:
		copy_text(facts->name, sizeof facts->name, a);
		break;
	case IFLA_IFALIAS:
		copy_text(facts->alias, sizeof facts->alias, a);
		break;
	case IFLA_GROUP:
		copy_number(&facts->group, a);
		break;
	case IFLA_MTU:
		copy_number(&facts->mtu, a);
		break;
	case IFLA_MASTER:
		copy_number(&facts->master, a);
		break;
	case IFLA_ADDRESS:
		if (RTA_PAYLOAD(a) <= sizeof facts->mac)
			memcpy(facts->mac, RTA_DATA(a), facts->mac_length = RTA_PAYLOAD(a));
		break;
	case IFLA_PROP_LIST:
		add_altnames(facts, a);
		break;
	default:
		break;
	}
}

/* The kernel answers under the lock that it makes and removes devices under; sysfs would show a half-removed one. */
int read_link_facts(struct link_facts *facts, const char *name, int index)
{
	struct ifinfomsg info = { .ifi_index = name ? 0 : index };
	_Alignas(struct nlmsghdr) char answer[16384];
	struct nlmsghdr *header = (struct nlmsghdr *)answer;
	struct request r;
	ssize_t n;
	int left;

	memset(facts, 0, sizeof *facts);
	begin_request(&r, RTM_GETLINK, 0, &info, sizeof info);
	if (name)
		add_text(&r, strlen(name) < IFNAMSIZ ? IFLA_IFNAME : IFLA_ALT_IFNAME, name);
	add_u32(&r, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	n = ask_kernel(&r, answer, sizeof answer);
	if (n < 0)
		return -1;
	errno = EPROTO;
	if (header->nlmsg_type != RTM_NEWLINK || n < (ssize_t)NLMSG_SPACE(sizeof info) || (size_t)n < header->nlmsg_len)
		return -1;
	facts->index = ((struct ifinfomsg *)NLMSG_DATA(header))->ifi_index;
	left = (int)(header->nlmsg_len - NLMSG_SPACE(sizeof info));
	for (struct rtattr *a = (struct rtattr *)(answer + NLMSG_SPACE(sizeof info)); RTA_OK(a, left); a = RTA_NEXT(a, left))
		read_attribute(facts, a);
	return 0;
}
