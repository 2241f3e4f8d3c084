#include <string.h>

#include "vsh-message.h"

#define MALFORMED "it is no message of vsh"

static int32_t zigzag(uint64_t value)
{
	uint32_t low = (uint32_t)value;

	return (int32_t)((low >> 1) ^ (0u - (low & 1)));
}

/* A copy with a NUL behind it. The arena holds as much as a frame does, and each word has had a tag and a length there. */
static char *keep(struct vsh_setup *setup, struct span text)
{
	char *place = setup->arena + setup->used;

	if (text.size >= sizeof setup->arena - setup->used || (text.size && memchr(text.at, 0, text.size)))
		return NULL;
	if (text.size)
		memcpy(place, text.at, text.size);
	place[text.size] = 0;
	setup->used += text.size + 1;
	return place;
}

static const char *keep_into(struct vsh_setup *setup, struct span text, const char **to)
{
	*to = keep(setup, text);
	return *to ? NULL : "a word of it has a NUL inside";
}

static const char *keep_variable(struct vsh_setup *setup, struct span entry)
{
	struct span key = { 0 }, value = { 0 };
	struct field f;
	size_t length;
	char *name;
	int got;

	while ((got = next_field(&entry, &f)) > 0) {
		if (f.type == WIRE_BYTES && f.number == 1)
			key = f.bytes;
		else if (f.type == WIRE_BYTES && f.number == 2)
			value = f.bytes;
	}
	if (got < 0 || setup->env_count == VSH_MAX_WORDS)
		return MALFORMED;
	if (!key.size || memchr(key.at, '=', key.size))
		return "a variable of it has no name, or one with '='";
	name = keep(setup, key);
	length = key.size + 1;
	/* The value goes behind the name, whose NUL becomes '='. */
	if (!name || !keep(setup, value))
		return "a variable of it has a NUL inside";
	name[key.size] = '=';
	for (int i = 0; i < setup->env_count; i++) {
		if (strncmp(setup->env[i], name, length) == 0) {
			setup->env[i] = name;
			return NULL;
		}
	}
	setup->env[setup->env_count++] = name;
	return NULL;
}

static const char *take_setup_field(struct vsh_setup *setup, const struct field *f)
{
	if (f->type == WIRE_BYTES) {
		switch (f->number) {
		case 1:
			return keep_into(setup, f->bytes, &setup->target);
		case 2:
			return keep_into(setup, f->bytes, &setup->user);
		case 3:
			return keep_variable(setup, f->bytes);
		case 5:
			if (setup->argc == VSH_MAX_WORDS)
				return MALFORMED;
			setup->argv[setup->argc] = keep(setup, f->bytes);
			return setup->argv[setup->argc++] ? NULL : "a word of its command has a NUL inside";
		case 9:
			return keep_into(setup, f->bytes, &setup->cwd);
		}
	} else if (f->type == WIRE_VARINT) {
		if (f->number == 6)
			setup->rows = (int32_t)f->value;
		else if (f->number == 7)
			setup->cols = (int32_t)f->value;
		else if (f->number == 8)
			setup->nopty = f->value != 0;
		else if (f->number == 10)
			setup->cwd_pid = (int32_t)f->value;
	}
	return NULL;
}

const char *vsh_decode_setup(struct span bytes, struct vsh_setup *setup)
{
	const char *reason = NULL;
	struct field f;
	int got;

	setup->target = setup->user = setup->cwd = "";
	setup->argc = setup->env_count = 0;
	setup->rows = setup->cols = setup->cwd_pid = 0;
	setup->nopty = false;
	setup->used = 0;
	while (!reason && (got = next_field(&bytes, &f)) != 0)
		reason = got < 0 ? MALFORMED : take_setup_field(setup, &f);
	setup->argv[setup->argc] = setup->env[setup->env_count] = NULL;
	return reason;
}

bool vsh_decode_response(struct span bytes, struct vsh_response *response)
{
	struct field f;
	int got;

	*response = (struct vsh_response){ 0 };
	while ((got = next_field(&bytes, &f)) > 0) {
		if (f.type == WIRE_VARINT && f.number == 1)
			response->status = (int32_t)f.value;
		else if (f.type == WIRE_BYTES && f.number == 2)
			response->description = f.bytes;
		else if (f.type == WIRE_VARINT && f.number == 3)
			response->pid = (int32_t)f.value;
	}
	return got == 0;
}

/* A member that comes again is merged with what it was, another one takes its place: a oneof. */
static void become(struct vsh_message *m, enum vsh_kind kind)
{
	if (m->kind != kind)
		*m = (struct vsh_message){ .kind = kind };
}

static bool take_member(struct vsh_message *m, enum vsh_kind kind, struct span bytes)
{
	struct field f;
	int got;

	become(m, kind);
	while ((got = next_field(&bytes, &f)) > 0) {
		bool is_number = f.type == WIRE_VARINT;

		if (kind == VSH_DATA && is_number && f.number == 1)
			m->stream = (int32_t)f.value;
		else if (kind == VSH_DATA && f.type == WIRE_BYTES && f.number == 2)
			m->data = f.bytes;
		else if (kind == VSH_STATUS && is_number && f.number == 1)
			m->status = (int32_t)f.value;
		else if (kind == VSH_STATUS && f.type == WIRE_BYTES && f.number == 2)
			m->description = f.bytes;
		else if (kind == VSH_STATUS && is_number && f.number == 3)
			m->code = zigzag(f.value);
		else if (kind == VSH_RESIZE && is_number && f.number == 1)
			m->rows = (int32_t)f.value;
		else if (kind == VSH_RESIZE && is_number && f.number == 2)
			m->cols = (int32_t)f.value;
	}
	return got == 0;
}

bool vsh_decode_message(struct span bytes, bool from_client, struct vsh_message *message)
{
	static const enum vsh_kind members[] = { VSH_NOTHING, VSH_DATA, VSH_STATUS, VSH_RESIZE };
	struct field f;
	int got;

	*message = (struct vsh_message){ 0 };
	while ((got = next_field(&bytes, &f)) > 0) {
		if (f.type == WIRE_BYTES && f.number <= (from_client ? 3 : 2)) {
			if (!take_member(message, members[f.number], f.bytes))
				return false;
		} else if (f.type == WIRE_VARINT && from_client && f.number == 4) {
			become(message, VSH_SIGNAL);
			message->signal = (int32_t)f.value;
		}
	}
	return got == 0;
}
