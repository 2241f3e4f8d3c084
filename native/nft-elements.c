#include "nft-elements.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "fd.h"

/* An element with the longest names takes some 400 bytes. */
#define ELEMENT_ROOM 512
#define BATCH_ROOM 64

struct batch {
	char *bytes;
	size_t size, room;
};

static struct nlmsghdr *add_message(struct batch *b, uint16_t type, uint16_t flags, uint8_t family, uint16_t resource)
{
	struct nlmsghdr *header = (struct nlmsghdr *)(b->bytes + b->size);
	struct nfgenmsg *body = NLMSG_DATA(header);

	header->nlmsg_len = NLMSG_LENGTH(sizeof *body);
	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | flags;
	body->nfgen_family = family;
	body->res_id = htons(resource);
	b->size += NLMSG_ALIGN(header->nlmsg_len);
	return header;
}

static struct nlattr *add(struct batch *b, struct nlmsghdr *header, uint16_t type, const void *data, size_t size)
{
	struct nlattr *attr = (struct nlattr *)(b->bytes + b->size);

	attr->nla_type = type;
	attr->nla_len = (uint16_t)(NLA_HDRLEN + size);
	if (size)
		memcpy((char *)attr + NLA_HDRLEN, data, size);
	b->size += NLA_ALIGN(attr->nla_len);
	header->nlmsg_len += (uint32_t)NLA_ALIGN(attr->nla_len);
	return attr;
}

static void close_nested(const struct batch *b, struct nlattr *attr)
{
	attr->nla_len = (uint16_t)(b->bytes + b->size - (char *)attr);
}

static void add_data(struct batch *b, struct nlmsghdr *header, uint16_t type, const void *data, size_t size)
{
	struct nlattr *nest = add(b, header, type | NLA_F_NESTED, NULL, 0);

	add(b, header, NFTA_DATA_VALUE, data, size);
	close_nested(b, nest);
}

static void add_element(struct batch *b, uint16_t type, uint16_t flags, const struct port_element *e)
{
	struct nlmsghdr *header = add_message(b, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags, NFPROTO_INET, 0);
	struct nlattr *list, *element;

	add(b, header, NFTA_SET_ELEM_LIST_TABLE, e->table, strlen(e->table) + 1);
	add(b, header, NFTA_SET_ELEM_LIST_SET, e->map, strlen(e->map) + 1);
	list = add(b, header, NFTA_SET_ELEM_LIST_ELEMENTS | NLA_F_NESTED, NULL, 0);
	element = add(b, header, NFTA_LIST_ELEM | NLA_F_NESTED, NULL, 0);
	add_data(b, header, NFTA_SET_ELEM_KEY, e->key, e->key_size);
	if (type == NFT_MSG_NEWSETELEM)
		add_data(b, header, NFTA_SET_ELEM_DATA, e->value, e->value_size);
	close_nested(b, element);
	close_nested(b, list);
}

static int open_netfilter(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
}

static ssize_t ask(const struct batch *b, char *answer, size_t size)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	_cleanup_close_ int fd = open_netfilter();
	const struct nlmsghdr *header = (const struct nlmsghdr *)answer;
	ssize_t n;

	if (fd < 0 || sendto(fd, b->bytes, b->size, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0)
		return -1;
	n = recv(fd, answer, size, 0);
	if (n < (ssize_t)NLMSG_LENGTH(sizeof(struct nfgenmsg)))
		return -1;
	if (header->nlmsg_type == NLMSG_ERROR) {
		errno = -((const struct nlmsgerr *)NLMSG_DATA(header))->error;
		return errno ? -1 : 0;
	}
	return n;
}

/* nfnetlink's form of a transaction. The last message asks for its acknowledgement; of one that fails the kernel tells anyway, and
 * before that. */
static int commit(uint16_t type, const struct port_element *elements, int count)
{
	size_t room = (size_t)count * ELEMENT_ROOM + 2 * BATCH_ROOM;
	struct batch b = { .bytes = calloc(1, room), .room = room };
	_Alignas(struct nlmsghdr) char answer[2048];
	int result;

	if (!b.bytes)
		return -1;
	add_message(&b, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	for (int i = 0; i < count; i++)
		add_element(&b, type, (uint16_t)((type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0) | (i == count - 1 ? NLM_F_ACK : 0)),
			    elements + i);
	add_message(&b, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	result = ask(&b, answer, sizeof answer) < 0 ? -1 : 0;
	free(b.bytes);
	return result;
}

int put_elements(const struct port_element *elements, int count)
{
	if (count == 0 || commit(NFT_MSG_NEWSETELEM, elements, count) == 0)
		return 0;
	if (errno != EEXIST && errno != EBUSY)
		return -1;
	/* Of somebody who was killed: who has the port's socket has the port. */
	for (int i = 0; i < count; i++)
		commit(NFT_MSG_DELSETELEM, elements + i, 1);
	return commit(NFT_MSG_NEWSETELEM, elements, count);
}

static const struct nlattr *find(const char *at, const char *end, uint16_t type, const char **inner_end)
{
	while (at + NLA_HDRLEN <= end) {
		const struct nlattr *attr = (const struct nlattr *)at;

		if (attr->nla_len < NLA_HDRLEN || at + attr->nla_len > end)
			return NULL;
		if ((attr->nla_type & NLA_TYPE_MASK) == type) {
			*inner_end = at + attr->nla_len;
			return attr;
		}
		at += NLA_ALIGN(attr->nla_len);
	}
	return NULL;
}

/* The container that the element is of may be another one by now. */
static bool is_there(const struct port_element *e)
{
	static const uint16_t way[] = { NFTA_SET_ELEM_LIST_ELEMENTS, NFTA_LIST_ELEM, NFTA_SET_ELEM_DATA, NFTA_DATA_VALUE };
	_Alignas(struct nlmsghdr) char request[ELEMENT_ROOM] = { 0 }, answer[2048];
	struct batch b = { .bytes = request, .room = sizeof request };
	const char *at, *end;
	ssize_t n;

	add_element(&b, NFT_MSG_GETSETELEM, 0, e);
	n = ask(&b, answer, sizeof answer);
	if (n <= 0)
		return false;
	at = answer + NLMSG_LENGTH(sizeof(struct nfgenmsg));
	end = answer + n;
	for (size_t i = 0; i < sizeof way / sizeof *way; i++) {
		const struct nlattr *attr = find(at, end, way[i], &end);

		if (!attr)
			return false;
		at = (const char *)attr + NLA_HDRLEN;
	}
	return (size_t)(end - at) == e->value_size && memcmp(at, e->value, e->value_size) == 0;
}

void take_elements(const struct port_element *elements, int count)
{
	for (int i = 0; i < count; i++)
		if (is_there(elements + i))
			commit(NFT_MSG_DELSETELEM, elements + i, 1);
}

bool has_table(const char *family, const char *table)
{
	uint8_t number = strcmp(family, "inet") == 0 ? NFPROTO_INET : strcmp(family, "ip6") == 0 ? NFPROTO_IPV6 : NFPROTO_IPV4;
	_Alignas(struct nlmsghdr) char request[ELEMENT_ROOM] = { 0 }, answer[2048];
	struct batch b = { .bytes = request, .room = sizeof request };
	struct nlmsghdr *header = add_message(&b, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE, 0, number, 0);

	add(&b, header, NFTA_TABLE_NAME, table, strlen(table) + 1);
	return ask(&b, answer, sizeof answer) > 0;
}
