#include <string.h>

#include "vsh-message.h"

static struct packer open_frame(uint8_t *frame)
{
	return (struct packer){ .bytes = frame, .room = VSH_MAX_FRAME, .used = VSH_LENGTH };
}

/* The length in front: known only now. */
static size_t close_frame(const struct packer *p)
{
	size_t length = p->used - VSH_LENGTH;

	for (int i = 0; i < VSH_LENGTH; i++)
		p->bytes[i] = (uint8_t)(length >> (8 * i));
	return p->used;
}

static size_t field_size(size_t size)
{
	return 1 + varint_size(size) + size;
}

static size_t number_size(uint64_t value)
{
	return value ? 1 + varint_size(value) : 0;
}

/* int32 and enums: a negative one takes ten bytes. */
static uint64_t extended(int32_t value)
{
	return (uint64_t)(int64_t)value;
}

static void pack_variable(struct packer *p, const char *entry)
{
	size_t name = strcspn(entry, "="), value = strlen(entry + name + 1);

	pack_head(p, 3, field_size(name) + field_size(value));
	pack_bytes(p, 1, entry, name);
	pack_bytes(p, 2, entry + name + 1, value);
}

size_t vsh_encode_setup(uint8_t *frame, const struct vsh_setup *setup)
{
	struct packer p = open_frame(frame);

	pack_text(&p, 1, setup->target);
	pack_text(&p, 2, setup->user);
	for (int i = 0; i < setup->env_count; i++)
		pack_variable(&p, setup->env[i]);
	for (int i = 0; i < setup->argc; i++)
		pack_bytes(&p, 5, setup->argv[i], strlen(setup->argv[i]));
	pack_number(&p, 6, extended(setup->rows));
	pack_number(&p, 7, extended(setup->cols));
	pack_number(&p, 8, setup->nopty);
	pack_text(&p, 9, setup->cwd);
	pack_number(&p, 10, extended(setup->cwd_pid));
	return close_frame(&p);
}

size_t vsh_encode_response(uint8_t *frame, enum vsh_status status, const char *description, int32_t pid)
{
	struct packer p = open_frame(frame);

	pack_number(&p, 1, status);
	pack_text(&p, 2, description);
	pack_number(&p, 3, extended(pid));
	return close_frame(&p);
}

size_t vsh_encode_data_head(uint8_t *frame, enum vsh_stream stream, size_t size)
{
	size_t message = number_size(stream) + (size ? field_size(size) : 0), head;
	struct packer p = open_frame(frame);

	pack_head(&p, 1, message);
	pack_number(&p, 1, stream);
	if (size)
		pack_head(&p, 2, size);
	head = p.used;
	p.used += size;
	close_frame(&p);
	return head;
}

size_t vsh_encode_data(uint8_t *frame, enum vsh_stream stream, const void *data, size_t size)
{
	size_t head = vsh_encode_data_head(frame, stream, size);

	if (size && head + size <= VSH_MAX_FRAME)
		memcpy(frame + head, data, size);
	return head + size;
}

size_t vsh_encode_status(uint8_t *frame, enum vsh_status status, const char *description, int32_t code)
{
	uint64_t zigzag = (uint32_t)code << 1 ^ (code < 0 ? UINT32_MAX : 0);
	struct packer p = open_frame(frame);

	pack_head(&p, 2, number_size(status) + field_size(strlen(description)) + number_size(zigzag));
	pack_number(&p, 1, status);
	pack_bytes(&p, 2, description, strlen(description));
	pack_number(&p, 3, zigzag);
	return close_frame(&p);
}

size_t vsh_encode_resize(uint8_t *frame, int32_t rows, int32_t cols)
{
	struct packer p = open_frame(frame);

	pack_head(&p, 3, number_size(extended(rows)) + number_size(extended(cols)));
	pack_number(&p, 1, extended(rows));
	pack_number(&p, 2, extended(cols));
	return close_frame(&p);
}

size_t vsh_encode_signal(uint8_t *frame, int signal_number)
{
	struct packer p = open_frame(frame);

	pack_number(&p, 4, (uint64_t)signal_number);
	return close_frame(&p);
}
