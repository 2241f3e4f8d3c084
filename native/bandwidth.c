/* What goes to the container leaves the link by a token bucket (tbf), which lets it wait. What comes from it is counted by a program of
 * the link's ingress, which drops what is too much: the policer of tc(8) is a module that some kernels lack. */
#include "bandwidth.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <net/if.h>
#include <stdint.h>
#include <string.h>

#include "error.h"
#include "fd.h"
#include "ingress.h"
#include "netlink.h"

/* A unit of the kernel's packet scheduler in nanoseconds. */
#define TICK_NS 64
#define NS 1000000000ull
/* tbf(8): a bucket smaller than a packet lets none through. */
#define LEAST_BURST (32ull * 1024)
/* A sender hands over 64 KiB at a time, which are one packet here. */
#define LEAST_POLICED (128ull * 1024)
#define LEAST_QUEUE (128ull * 1024)
/* What may wait: 50 ms. */
#define QUEUE_PARTS 20

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint32_t cut(uint64_t value)
{
	return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static uint64_t burst_or_default(uint64_t burst, uint64_t rate, uint64_t least)
{
	return most(burst ? burst : rate / 100, least);
}

static uint32_t ticks(uint64_t bytes, uint64_t rate)
{
	return cut((uint64_t)((__uint128_t)bytes * NS / rate / TICK_NS));
}

static int shape(const char *link, int index, uint64_t rate, uint64_t peak, uint64_t burst)
{
	struct tcmsg message = { .tcm_family = AF_UNSPEC, .tcm_ifindex = index, .tcm_parent = TC_H_ROOT, .tcm_handle = 1u << 16 };
	uint64_t bucket = burst_or_default(burst, rate, LEAST_BURST);
	struct tc_tbf_qopt options = {
		.rate = { .rate = cut(rate), .linklayer = TC_LINKLAYER_ETHERNET },
		.limit = cut(bucket + most(rate / QUEUE_PARTS, LEAST_QUEUE)),
		.buffer = ticks(bucket, rate),
	};
	struct rtattr *nest;
	struct request r;

	if (peak > rate) {
		options.peakrate = (struct tc_ratespec){ .rate = cut(peak), .linklayer = TC_LINKLAYER_ETHERNET };
		options.mtu = ticks(most(peak / 1000, LEAST_BURST), peak);
	}
	begin_request(&r, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, &message, sizeof message);
	add_text(&r, TCA_KIND, "tbf");
	nest = add_attribute(&r, TCA_OPTIONS, NULL, 0);
	add_attribute(&r, TCA_TBF_PARMS, &options, sizeof options);
	if (rate > UINT32_MAX)
		add_attribute(&r, TCA_TBF_RATE64, &rate, sizeof rate);
	if (peak > rate && peak > UINT32_MAX)
		add_attribute(&r, TCA_TBF_PRATE64, &peak, sizeof peak);
	close_nest(&r, nest);
	return send_request(&r) < 0 ? fail("netlink", link, "limit the bandwidth of '%s'", link) : 0;
}

static int make_map(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof attr);
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 1;
	return call_bpf(BPF_MAP_CREATE, &attr);
}

#define INSN(c, d, s, o, i) ((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (int32_t)(i) })

/* The map holds the time by which all that has come would have been sent at that rate. A packet that would make it later than a burst
 * from now is dropped. Two processors at once may let one packet too many through. ps_per_byte: the inverse of the rate. */
static int load_policer(int map, uint64_t ps_per_byte, uint64_t burst_ns)
{
	const struct bpf_insn program[] = {
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 6, 1, 0, 0),
		/* Its place: the address of the one value. */
		INSN(BPF_LD | BPF_DW | BPF_IMM, 7, BPF_PSEUDO_MAP_VALUE, 0, map),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_ktime_get_ns),
		/* r8: what this packet costs */
		INSN(BPF_LDX | BPF_MEM | BPF_W, 8, 6, 0, 0),
		INSN(BPF_LD | BPF_DW | BPF_IMM, 1, 0, 0, (uint32_t)ps_per_byte),
		INSN(0, 0, 0, 0, (uint32_t)(ps_per_byte >> 32)),
		INSN(BPF_ALU64 | BPF_MUL | BPF_X, 8, 1, 0, 0),
		INSN(BPF_ALU64 | BPF_DIV | BPF_K, 8, 0, 0, 1000),
		/* r2: the time so far, at least now */
		INSN(BPF_LDX | BPF_MEM | BPF_DW, 2, 7, 0, 0),
		INSN(BPF_JMP | BPF_JGE | BPF_X, 2, 0, 1, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 2, 0, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_X, 2, 8, 0, 0),
		/* r0: the latest */
		INSN(BPF_LD | BPF_DW | BPF_IMM, 3, 0, 0, (uint32_t)burst_ns),
		INSN(0, 0, 0, 0, (uint32_t)(burst_ns >> 32)),
		INSN(BPF_ALU64 | BPF_ADD | BPF_X, 0, 3, 0, 0),
		INSN(BPF_JMP | BPF_JGT | BPF_X, 2, 0, 3, 0),
		INSN(BPF_STX | BPF_MEM | BPF_DW, 7, 2, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, TC_ACT_UNSPEC),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, TC_ACT_SHOT),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};

	return load_classifier(program, sizeof program / sizeof *program);
}

static int police(const char *link, int index, uint64_t rate, uint64_t burst)
{
	uint64_t bucket = burst_or_default(burst, rate, LEAST_POLICED);
	uint64_t ps_per_byte = most(NS * 1000 / rate, 1), burst_ns = (uint64_t)((__uint128_t)bucket * NS / rate);
	_cleanup_close_ int map = make_map();
	_cleanup_close_ int program = map < 0 ? -1 : load_policer(map, ps_per_byte, burst_ns);

	if (program < 0)
		return fail("bpf", link, "limit the bandwidth of '%s'", link);
	if (filter_ingress(index, program, POLICER) < 0)
		return fail("netlink", link, "limit the bandwidth of '%s'", link);
	return 0;
}

int limit_bandwidth(const struct op *op)
{
	const char *link = op_str(op, F_BANDWIDTH_LINK);
	uint64_t inbound = op_u64(op, F_BANDWIDTH_INBOUND), outbound = op_u64(op, F_BANDWIDTH_OUTBOUND);
	int index = link_index(link);

	if (inbound && shape(link, index, inbound, op_u64(op, F_BANDWIDTH_INBOUND_PEAK), op_u64(op, F_BANDWIDTH_INBOUND_BURST)) < 0)
		return -1;
	return outbound ? police(link, index, outbound, op_u64(op, F_BANDWIDTH_OUTBOUND_BURST)) : 0;
}
