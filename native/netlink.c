#include "netlink.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "fd.h"

void begin_request(struct request *r, uint16_t type, uint16_t flags, const void *fixed, size_t size)
{
	memset(r, 0, sizeof *r);
	r->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(size);
	r->header.nlmsg_type = type;
	r->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	memcpy(NLMSG_DATA(&r->header), fixed, size);
}

struct rtattr *add_attribute(struct request *r, uint16_t type, const void *data, size_t size)
{
	struct rtattr *attr = (struct rtattr *)((char *)r + NLMSG_ALIGN(r->header.nlmsg_len));

	attr->rta_type = type;
	attr->rta_len = (uint16_t)RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(attr), data, size);
	r->header.nlmsg_len = NLMSG_ALIGN(r->header.nlmsg_len) + (uint32_t)RTA_ALIGN(attr->rta_len);
	return attr;
}

void add_u32(struct request *r, uint16_t type, uint32_t value)
{
	add_attribute(r, type, &value, sizeof value);
}

void add_text(struct request *r, uint16_t type, const char *text)
{
	add_attribute(r, type, text, strlen(text) + 1);
}

/* Everything added after `attr` became part of it. */
void close_nest(struct request *r, struct rtattr *attr)
{
	attr->rta_len = (uint16_t)((char *)r + r->header.nlmsg_len - (char *)attr);
}

/* Sends the request and reads the first message of the answer; its length, or -1 with errno. */
ssize_t ask_kernel(const struct request *r, char *answer, size_t size)
{
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct nlmsghdr *header = (struct nlmsghdr *)answer;
	struct nlmsgerr *error = NLMSG_DATA(header);
	ssize_t n;

	if (fd < 0 || sendto(fd, r, r->header.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0)
		return -1;
	n = recv(fd, answer, size, 0);
	if (n < (ssize_t)sizeof *header || (header->nlmsg_type == NLMSG_ERROR && n < (ssize_t)NLMSG_LENGTH(sizeof *error))) {
		errno = EPROTO;
		return -1;
	}
	if (header->nlmsg_type == NLMSG_ERROR && error->error) {
		errno = -error->error;
		return -1;
	}
	return n;
}

/* Sends the request and reads its acknowledgement; -1 with errno. */
int send_request(struct request *r)
{
	_Alignas(struct nlmsghdr) char answer[2048];

	return ask_kernel(r, answer, sizeof answer) < 0 ? -1 : 0;
}

/* ioctl, not if_nametoindex(3): the same in every libc, and without a netlink dump. */
int link_index(const char *name)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request;

	memset(&request, 0, sizeof request);
	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
	return fd < 0 || ioctl(fd, SIOCGIFINDEX, &request) < 0 ? 0 : request.ifr_ifindex;
}

int set_link_up(int index)
{
	struct ifinfomsg info = { .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct request r;

	begin_request(&r, RTM_NEWLINK, 0, &info, sizeof info);
	return send_request(&r);
}
