/* rtnetlink(7): one request a message, each acknowledged. */
#ifndef CTR_NETLINK_H
#define CTR_NETLINK_H

#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A request and its buffer; 1 KiB holds the largest, a veth pair. */
struct request {
	struct nlmsghdr header;
	char body[1024 - sizeof(struct nlmsghdr)];
};

/* Begins a request of that type with its fixed part (ifinfomsg, ifaddrmsg, rtmsg). */
void begin_request(struct request *r, uint16_t type, uint16_t flags, const void *fixed, size_t size);

struct rtattr *add_attribute(struct request *r, uint16_t type, const void *data, size_t size);
void add_u32(struct request *r, uint16_t type, uint32_t value);
void add_text(struct request *r, uint16_t type, const char *text);

/* Everything added after `attr` became part of it. */
void close_nest(struct request *r, struct rtattr *attr);

/* Sends the request and reads its acknowledgement; -1 with errno. */
int send_request(struct request *r);

/* Sends the request and reads the first message of the answer; its length, or -1 with errno. */
ssize_t ask_kernel(const struct request *r, char *answer, size_t size);

/* Index of a link in our network namespace, 0 when there is none. */
int link_index(const char *name);

int set_link_up(int index);

#endif
