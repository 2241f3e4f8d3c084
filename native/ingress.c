#include "ingress.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "netlink.h"

int call_bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof *attr);
}

int load_classifier(const struct bpf_insn *program, size_t count)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof attr);
	attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
	attr.insns = (uint64_t)(uintptr_t)program;
	attr.insn_cnt = (uint32_t)count;
	attr.license = (uint64_t)(uintptr_t) "MIT";
	return call_bpf(BPF_PROG_LOAD, &attr);
}

static int add_ingress(int index)
{
	struct tcmsg message = {
		.tcm_family = AF_UNSPEC, .tcm_ifindex = index, .tcm_parent = TC_H_INGRESS, .tcm_handle = TC_H_MAKE(TC_H_INGRESS, 0)
	};
	struct request r;

	begin_request(&r, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, &message, sizeof message);
	add_text(&r, TCA_KIND, "ingress");
	/* Of another program of the link. */
	return send_request(&r) < 0 && errno != EEXIST ? -1 : 0;
}

int filter_ingress(int index, int program, enum ingress_order order)
{
	struct tcmsg message = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = index,
		.tcm_parent = TC_H_MAKE(TC_H_INGRESS, 0),
		.tcm_info = TC_H_MAKE((uint32_t)order << 16, __builtin_bswap16(ETH_P_ALL)),
	};
	struct rtattr *nest;
	struct request r;

	if (add_ingress(index) < 0)
		return -1;
	begin_request(&r, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, &message, sizeof message);
	add_text(&r, TCA_KIND, "bpf");
	nest = add_attribute(&r, TCA_OPTIONS, NULL, 0);
	add_u32(&r, TCA_BPF_FD, (uint32_t)program);
	add_text(&r, TCA_BPF_NAME, order == POLICER ? "ctr-bandwidth" : "ctr-sender");
	add_u32(&r, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	close_nest(&r, nest);
	return send_request(&r);
}

int filter_port(const struct op *op)
{
	const char *link = op_str(op, F_PORT_FILTER_LINK);
	struct bpf_insn program[1024];
	_cleanup_close_ int loaded = -1;
	size_t size;
	const void *bytes = op_bytes(op, F_PORT_FILTER_PROGRAM, &size);

	if (size > sizeof program || size % sizeof *program)
		return refuse("it has too many addresses", link, "filter what comes by '%s'", link);
	/* A plan's bytes have no alignment. */
	memcpy(program, bytes, size);
	loaded = load_classifier(program, size / sizeof *program);
	if (loaded < 0)
		return fail("bpf", link, "filter what comes by '%s'", link);
	if (filter_ingress(link_index(link), loaded, SENDER_FILTER) == 0)
		return 0;
	if (errno == ENOENT || errno == EOPNOTSUPP)
		return refuse("this kernel has no programs for what comes in by a link (its modules sch_ingress and cls_bpf)", link,
			      "filter what comes by '%s'", link);
	return fail("netlink", link, "filter what comes by '%s'", link);
}
