/* As much of protobuf as vsh speaks: varints and byte strings, in a message that is wholly in memory. */
#ifndef CTR_VSH_PROTOBUF_H
#define CTR_VSH_PROTOBUF_H

#include <stddef.h>
#include <stdint.h>

struct span {
	const uint8_t *at;
	size_t size;
};

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

struct field {
	uint32_t number;
	enum wire_type type;
	uint64_t value;	   /* of a varint */
	struct span bytes; /* of a byte string */
};

/* Takes the next field off: 1, 0 at the end, -1 when this is no protobuf message. */
int next_field(struct span *rest, struct field *field);

/* Writes fields one behind the other. What does not fit is counted and not written. */
struct packer {
	uint8_t *bytes;
	size_t room, used;
};

/* Fields with their default value are left out, as proto3 has it. */
void pack_number(struct packer *p, uint32_t number, uint64_t value);
void pack_text(struct packer *p, uint32_t number, const char *text);
/* These are written whatever they hold. */
void pack_bytes(struct packer *p, uint32_t number, const void *bytes, size_t size);
void pack_head(struct packer *p, uint32_t number, size_t size); /* of a byte string whose bytes follow */
size_t varint_size(uint64_t value);

#endif
