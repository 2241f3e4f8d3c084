/* Reading the compiled plan (docs/plan-format.md). Nothing is acted on before the whole of it has been checked. */
#ifndef CTR_PLAN_H
#define CTR_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan_ops.h"

#define PLAN_MAX_BYTES (1u << 20)
#define PLAN_MAX_FIELDS 8
#define PLAN_PHASES (PHASE_INIT + 1)
#define PLAN_CODES 256

struct plan {
	const unsigned char *bytes; /* the body */
	size_t size;
	uint32_t present[PLAN_CODES / 32]; /* a bit for each code that there is */
	size_t start[PLAN_PHASES + 1]; /* offset of each phase; the last is the end */
};

/* One operation; zero it before the first plan_next(). Strings in it live as long as the plan. */
struct op {
	uint16_t code;
	const struct plan_op_shape *shape;
	const unsigned char *field[PLAN_MAX_FIELDS];
	uint32_t length[PLAN_MAX_FIELDS];
	size_t next; /* offset of the operation after this one */
};

/* Reads and checks the plan `name` below dirfd. Returns 0, or -1 with `failure` and errno set. */
int plan_open(struct plan *plan, int dirfd, const char *name);

/* Whether it has an operation of that code: most plans have few of those that there are. */
bool plan_has(const struct plan *plan, uint16_t code);

/* Steps to the next operation; false at the end. */
bool plan_next(const struct plan *plan, struct op *op);

/* Steps to the next operation of that phase; false when there is none. */
bool plan_next_in(const struct plan *plan, struct op *op, enum plan_phase phase);

/* Steps to the next operation of that code; false when there is none. */
bool plan_next_of(const struct plan *plan, struct op *op, uint16_t code);

const char *op_str(const struct op *op, int field);
uint64_t op_u64(const struct op *op, int field);
const void *op_bytes(const struct op *op, int field, size_t *length);

/* Flags of the one `clone` operation. */
uint64_t plan_clone_flags(const struct plan *plan);

/* The name of the container; "" in a plan without one. */
const char *plan_name(const struct plan *plan);

/* Host id of id 0 inside: 0 without an id map. kind is "uid" or "gid". */
uint32_t plan_mapped_root(const struct plan *plan, const char *kind);

/* Host id of an id inside, or -1 when it is not mapped. */
int64_t plan_host_id(const struct plan *plan, const char *kind, uint32_t inside);

#endif
