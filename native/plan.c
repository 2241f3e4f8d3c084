#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"

#define HEADER_SIZE 24

static uint32_t le32(const unsigned char *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

/* CRC-32 of IEEE 802.3, four bytes at a time (Kounavis and Berry's slicing): byte by byte it would be a tenth of what a start computes. */
static uint32_t crc32(const unsigned char *p, size_t size)
{
	uint32_t table[4][256], crc = 0xffffffff;

	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (int bit = 0; bit < 8; bit++)
			c = c >> 1 ^ (c & 1 ? 0xedb88320 : 0);
		table[0][i] = c;
	}
	for (int slice = 1; slice < 4; slice++)
		for (uint32_t i = 0; i < 256; i++)
			table[slice][i] = table[slice - 1][i] >> 8 ^ table[0][table[slice - 1][i] & 255];
	for (; size >= 4; size -= 4, p += 4) {
		crc ^= le32(p);
		crc = table[3][crc & 255] ^ table[2][crc >> 8 & 255] ^ table[1][crc >> 16 & 255] ^ table[0][crc >> 24];
	}
	for (; size; size--, p++)
		crc = table[0][(crc ^ *p) & 255] ^ crc >> 8;
	return ~crc;
}

static const struct plan_op_shape *find_shape(uint16_t code)
{
	size_t first = 0, end = sizeof plan_op_shapes / sizeof *plan_op_shapes;

	while (first < end) {
		size_t middle = (first + end) / 2;

		if (plan_op_shapes[middle].code == code)
			return &plan_op_shapes[middle];
		if (plan_op_shapes[middle].code < code)
			first = middle + 1;
		else
			end = middle;
	}
	return NULL;
}

/* Takes one operation apart at op->next; returns NULL, or what is wrong with it. */
static const char *check_op(const struct plan *plan, struct op *op)
{
	const unsigned char *p = plan->bytes + op->next;
	size_t left = plan->size - op->next, length;
	unsigned count;

	if (left < 8)
		return "it is cut short";
	op->code = (uint16_t)(p[0] | p[1] << 8);
	count = p[2] | p[3] << 8;
	length = le32(p + 4);
	p += 8;
	left -= 8;
	if (length > left)
		return "it is cut short";
	op->shape = find_shape(op->code);
	if (!op->shape)
		return "it has an operation that this helper does not know";
	if (count != strlen(op->shape->fields) || count > PLAN_MAX_FIELDS)
		return "an operation has the wrong number of fields";
	op->next += 8 + length;
	for (unsigned i = 0; i < count; i++) {
		uint32_t size;

		if (length < 5 || (size = le32(p)) > length - 5)
			return "a field is cut short";
		if (p[4 + size])
			return "a field does not end with NUL";
		op->field[i] = p + 4;
		op->length[i] = size;
		if (op->shape->fields[i] == 'u' && size != 8)
			return "a number is not of eight bytes";
		if (op->shape->fields[i] == 's' && memchr(p + 4, 0, size))
			return "a string holds NUL";
		p += 5 + size;
		length -= 5 + size;
	}
	return length ? "an operation is longer than its fields" : NULL;
}

/* The same of a plan that has been checked. */
static void take_op(const struct plan *plan, struct op *op)
{
	const unsigned char *p = plan->bytes + op->next;
	unsigned count = p[2] | p[3] << 8;

	op->code = (uint16_t)(p[0] | p[1] << 8);
	op->shape = find_shape(op->code);
	op->next += 8 + le32(p + 4);
	p += 8;
	for (unsigned i = 0; i < count; i++) {
		op->field[i] = p + 4;
		op->length[i] = le32(p);
		p += 5 + op->length[i];
	}
}

static const char *check_body(struct plan *plan, uint32_t count)
{
	struct op op = { 0 };
	unsigned phase = PHASE_META;
	const char *wrong;
	bool named = false, ends = false, is_run = false;

	for (uint32_t i = 0; i < count; i++) {
		size_t at = op.next;

		wrong = check_op(plan, &op);
		if (wrong)
			return wrong;
		if (op.shape->phase < phase)
			return "its operations are out of order";
		while (phase < op.shape->phase)
			plan->start[++phase] = at;
		if (i == 0)
			named = op.code == OP_NAME;
		ends = op.code == OP_EXEC;
		is_run |= op.code == OP_RUN || op.code == OP_NETWORK_BRIDGE;
		plan->present[op.code % PLAN_CODES / 32] |= 1u << op.code % 32;
	}
	if (op.next != plan->size)
		return "it is longer than its operations";
	while (phase < PLAN_PHASES)
		plan->start[++phase] = plan->size;
	/* What a run executes is not in its plan, and a network executes nothing. */
	return named && ends != is_run ? NULL : "it does not begin with 'name' and end with 'exec'";
}

static const char *check_plan(struct plan *plan, const unsigned char *bytes, size_t size)
{
	if (size < HEADER_SIZE || memcmp(bytes, "CTRPLAN", 8) != 0)
		return "it is not a compiled plan";
	if (le32(bytes + 8) != CTR_PLAN_VERSION)
		return "it was compiled for another version of the helper";
	if (le32(bytes + 16) != size - HEADER_SIZE)
		return "it is cut short";
	plan->bytes = bytes + HEADER_SIZE;
	plan->size = size - HEADER_SIZE;
	plan->start[0] = 0;
	memset(plan->present, 0, sizeof plan->present);
	if (le32(bytes + 20) != crc32(plan->bytes, plan->size))
		return "its checksum is wrong";
	return check_body(plan, le32(bytes + 12));
}

int plan_open(struct plan *plan, int dirfd, const char *name)
{
	_cleanup_close_ int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	unsigned char *bytes;
	const char *wrong;
	size_t got = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail("open", name, "read the compiled plan");
	if (!S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > PLAN_MAX_BYTES) {
		errno = EINVAL;
		return refuse("it is not a regular file of 1 MiB at the most", name, "read the compiled plan");
	}
	/* Private memory, not a mapping of the file: nobody can change it after the check. */
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (bytes == MAP_FAILED)
		return fail("mmap", name, "read the compiled plan");
	while (got < (size_t)st.st_size) {
		ssize_t n = read(fd, bytes + got, (size_t)st.st_size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	wrong = check_plan(plan, bytes, got);
	if (wrong) {
		munmap(bytes, (size_t)st.st_size);
		*plan = (struct plan){ 0 };
		errno = EINVAL;
		return refuse(wrong, name, "read the compiled plan");
	}
	mprotect(bytes, (size_t)st.st_size, PROT_READ);
	return 0;
}

bool plan_has(const struct plan *plan, uint16_t code)
{
	return plan->present[code % PLAN_CODES / 32] >> code % 32 & 1;
}

bool plan_next(const struct plan *plan, struct op *op)
{
	if (op->next >= plan->size)
		return false;
	take_op(plan, op);
	return true;
}

bool plan_next_in(const struct plan *plan, struct op *op, enum plan_phase phase)
{
	if (op->next < plan->start[phase])
		op->next = plan->start[phase];
	if (op->next >= plan->start[phase + 1])
		return false;
	take_op(plan, op);
	return true;
}

bool plan_next_of(const struct plan *plan, struct op *op, uint16_t code)
{
	const struct plan_op_shape *shape = plan_has(plan, code) ? find_shape(code) : NULL;

	while (shape && plan_next_in(plan, op, shape->phase))
		if (op->code == code)
			return true;
	return false;
}

const char *op_str(const struct op *op, int field)
{
	return (const char *)op->field[field];
}

uint64_t op_u64(const struct op *op, int field)
{
	return le32(op->field[field]) | (uint64_t)le32(op->field[field] + 4) << 32;
}

const void *op_bytes(const struct op *op, int field, size_t *length)
{
	*length = op->length[field];
	return op->field[field];
}

uint64_t plan_clone_flags(const struct plan *plan)
{
	struct op op = { 0 };

	return plan_next_of(plan, &op, OP_CLONE) ? op_u64(&op, F_CLONE_FLAGS) : 0;
}

const char *plan_name(const struct plan *plan)
{
	struct op op = { 0 };

	return plan_next_of(plan, &op, OP_NAME) ? op_str(&op, F_NAME_NAME) : "";
}

int64_t plan_host_id(const struct plan *plan, const char *kind, uint32_t inside)
{
	struct op op = { 0 };
	bool mapped = false;

	while (plan_next_of(plan, &op, OP_IDMAP)) {
		uint64_t first = op_u64(&op, F_IDMAP_INSIDE);

		if (strcmp(op_str(&op, F_IDMAP_KIND), kind) != 0)
			continue;
		mapped = true;
		if (inside >= first && inside - first < op_u64(&op, F_IDMAP_COUNT))
			return (int64_t)(op_u64(&op, F_IDMAP_OUTSIDE) + inside - first);
	}
	return mapped ? -1 : (int64_t)inside;
}

uint32_t plan_mapped_root(const struct plan *plan, const char *kind)
{
	int64_t id = plan_host_id(plan, kind, 0);

	return id < 0 ? 0 : (uint32_t)id;
}
