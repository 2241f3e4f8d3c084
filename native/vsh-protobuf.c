#include "vsh-protobuf.h"

#include <stdbool.h>
#include <string.h>

static bool take_varint(struct span *rest, uint64_t *value)
{
	*value = 0;
	for (unsigned shift = 0; shift < 70; shift += 7) {
		uint8_t byte;

		if (!rest->size)
			return false;
		byte = *rest->at++;
		rest->size--;
		if (shift < 64)
			*value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

static bool take_bytes(struct span *rest, size_t size, struct span *bytes)
{
	if (size > rest->size)
		return false;
	*bytes = (struct span){ rest->at, size };
	rest->at += size;
	rest->size -= size;
	return true;
}

int next_field(struct span *rest, struct field *field)
{
	uint64_t tag, size;
	struct span skipped;

	if (!rest->size)
		return 0;
	*field = (struct field){ 0 };
	if (!take_varint(rest, &tag) || tag > UINT32_MAX || !(tag >> 3))
		return -1;
	field->number = (uint32_t)(tag >> 3);
	field->type = (enum wire_type)(tag & 7);
	switch (field->type) {
	case WIRE_VARINT:
		return take_varint(rest, &field->value) ? 1 : -1;
	case WIRE_BYTES:
		return take_varint(rest, &size) && size <= rest->size && take_bytes(rest, (size_t)size, &field->bytes) ? 1 : -1;
	case WIRE_FIXED64:
		return take_bytes(rest, 8, &skipped) ? 1 : -1;
	case WIRE_FIXED32:
		return take_bytes(rest, 4, &skipped) ? 1 : -1;
	}
	/* Groups: nobody of this protocol has ever sent one. */
	return -1;
}

static void put(struct packer *p, const void *bytes, size_t size)
{
	if (p->used <= p->room && size <= p->room - p->used && size)
		memcpy(p->bytes + p->used, bytes, size);
	p->used += size;
}

static void put_varint(struct packer *p, uint64_t value)
{
	uint8_t bytes[10];
	size_t size = 0;

	do
		bytes[size++] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
	while (value >>= 7);
	put(p, bytes, size);
}

size_t varint_size(uint64_t value)
{
	size_t size = 1;

	while (value >>= 7)
		size++;
	return size;
}

void pack_number(struct packer *p, uint32_t number, uint64_t value)
{
	if (!value)
		return;
	put_varint(p, (uint64_t)number << 3 | WIRE_VARINT);
	put_varint(p, value);
}

void pack_head(struct packer *p, uint32_t number, size_t size)
{
	put_varint(p, (uint64_t)number << 3 | WIRE_BYTES);
	put_varint(p, size);
}

void pack_bytes(struct packer *p, uint32_t number, const void *bytes, size_t size)
{
	pack_head(p, number, size);
	put(p, bytes, size);
}

void pack_text(struct packer *p, uint32_t number, const char *text)
{
	if (text && *text)
		pack_bytes(p, number, text, strlen(text));
}
