#include "nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "error.h"
#include "fd.h"
#include "io.h"

static _Noreturn void run_nft(const char *program, int input, int output)
{
	char *argv[] = { "nft", "-f", "-", NULL };

	dup2(input, 0);
	dup2(output, 1);
	dup2(output, 2);
	execve(program, argv, (char *[]){ "LC_ALL=C", NULL });
	_exit(127);
}

/* What it says first, without its place: the rules are our own. */
static void read_complaint(int fd, char *text, size_t size)
{
	ssize_t n = read(fd, text, size - 1);
	char *error;

	text[n > 0 ? n : 0] = 0;
	text[strcspn(text, "\n")] = 0;
	error = strstr(text, "Error: ");
	if (error)
		memmove(text, error + 7, strlen(error + 7) + 1);
}

int make_table(const struct op *op)
{
	const char *program = op_str(op, F_NETWORK_TABLE_PROGRAM), *table = op_str(op, F_NETWORK_TABLE_TABLE);
	const char *rules = op_str(op, F_NETWORK_TABLE_RULES);
	char complaint[120];
	int in[2], out[2], status = 0;
	pid_t child;

	if (pipe2(in, O_CLOEXEC) < 0)
		return fail("pipe2", table, "make the table '%s'", table);
	if (pipe2(out, O_CLOEXEC) < 0) {
		close(in[0]);
		close(in[1]);
		return fail("pipe2", table, "make the table '%s'", table);
	}
	child = fork();
	if (child == 0)
		run_nft(program, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	if (child > 0)
		write_all(in[1], rules, strlen(rules));
	close(in[1]);
	read_complaint(out[0], complaint, sizeof complaint);
	close(out[0]);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (child < 0)
		return fail("fork", table, "make the table '%s'", table);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127 && !*complaint)
		return refuse("it cannot be run", program, "make the table '%s' by '%s'", table, program);
	return refuse(*complaint ? complaint : "nft failed without a word", table, "make the table '%s'", table);
}

struct message {
	struct nlmsghdr header;
	struct nfgenmsg family;
	char body[256];
};

static void begin(struct message *m, uint16_t type, uint16_t flags, uint8_t family, uint16_t resource)
{
	memset(m, 0, sizeof *m);
	m->header.nlmsg_len = NLMSG_LENGTH(sizeof m->family);
	m->header.nlmsg_type = type;
	m->header.nlmsg_flags = NLM_F_REQUEST | flags;
	m->family.nfgen_family = family;
	m->family.res_id = htons(resource);
}

static void add_name(struct message *m, uint16_t type, const char *text)
{
	struct nlattr *attr = (struct nlattr *)((char *)m + NLMSG_ALIGN(m->header.nlmsg_len));
	size_t size = strlen(text) + 1;

	if (size > 128)
		return;
	attr->nla_type = type;
	attr->nla_len = (uint16_t)(NLA_HDRLEN + size);
	memcpy((char *)attr + NLA_HDRLEN, text, size);
	m->header.nlmsg_len = NLMSG_ALIGN(m->header.nlmsg_len) + (uint32_t)NLA_ALIGN(attr->nla_len);
}

/* A batch of one, nfnetlink's form of a transaction. */
void remove_table(const char *family, const char *table)
{
	uint8_t number = strcmp(family, "inet") == 0 ? NFPROTO_INET : NFPROTO_BRIDGE;
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	_Alignas(struct nlmsghdr) char answer[1024];
	struct nlmsghdr *header = (struct nlmsghdr *)answer;
	struct message first, remove, last;
	struct iovec parts[3];
	struct msghdr batch = { .msg_name = &kernel, .msg_namelen = sizeof kernel, .msg_iov = parts, .msg_iovlen = 3 };

	begin(&first, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	begin(&remove, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELTABLE, NLM_F_ACK, number, 0);
	add_name(&remove, NFTA_TABLE_NAME, table);
	begin(&last, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	parts[0] = (struct iovec){ &first, first.header.nlmsg_len };
	parts[1] = (struct iovec){ &remove, remove.header.nlmsg_len };
	parts[2] = (struct iovec){ &last, last.header.nlmsg_len };
	if (fd < 0 || sendmsg(fd, &batch, 0) < 0 || recv(fd, answer, sizeof answer, 0) < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)))
		return;
	if (header->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *error = NLMSG_DATA(header);

		errno = -error->error;
		if (errno && errno != ENOENT)
			warn_errno("cannot remove the table '%s': netlink", table);
	}
}
