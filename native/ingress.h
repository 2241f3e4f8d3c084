/* Programs that look at each frame that comes in by a link of the host. They end with the link. */
#ifndef CTR_INGRESS_H
#define CTR_INGRESS_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

#include "plan.h"

/* Which is asked first; a program that gives no verdict leaves it to the next. */
enum ingress_order { SENDER_FILTER = 1, POLICER = 2 };

/* bpf(2). */
int call_bpf(int command, union bpf_attr *attr);

/* A BPF_PROG_TYPE_SCHED_CLS program; its descriptor, or -1 with errno. */
int load_classifier(const struct bpf_insn *program, size_t count);

/* -1 with errno. */
int filter_ingress(int index, int program, enum ingress_order order);

/* port-filter operation; -1 with `failure`. */
int filter_port(const struct op *op);

#endif
