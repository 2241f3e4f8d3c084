#include "json.h"

#include <stdio.h>
#include <string.h>

#include "io.h"

static void add_bytes(struct json *j, const char *bytes, size_t size)
{
	if (size > sizeof j->bytes - j->length)
		return;
	memcpy(j->bytes + j->length, bytes, size);
	j->length += size;
}

void json_add(struct json *j, const char *text)
{
	add_bytes(j, text, strlen(text));
}

void json_add_string(struct json *j, const char *text)
{
	char escape[8];

	add_bytes(j, "\"", 1);
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c == '"' || *c == '\\')
			add_bytes(j, escape, (size_t)snprintf(escape, sizeof escape, "\\%c", *c));
		else if (*c < 0x20 || *c == 0x7f)
			add_bytes(j, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", *c));
		else
			add_bytes(j, (const char *)c, 1);
	}
	add_bytes(j, "\"", 1);
}

void json_add_number(struct json *j, long long number)
{
	char text[24];

	add_bytes(j, text, (size_t)snprintf(text, sizeof text, "%lld", number));
}

void json_write(const struct json *j, int fd)
{
	write_all(fd, j->bytes, j->length);
}
