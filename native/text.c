#include "text.h"

#include <string.h>

void text_add_bytes(struct text *text, const char *more, size_t size)
{
	size_t room = sizeof text->bytes - 1 - text->length;

	if (size > room)
		size = room;
	memcpy(text->bytes + text->length, more, size);
	text->length += size;
	text->bytes[text->length] = 0;
}

void text_add(struct text *text, const char *more)
{
	text_add_bytes(text, more, strlen(more));
}

void text_add_number(struct text *text, uint64_t number)
{
	char digits[20];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	text_add_bytes(text, digits + at, sizeof digits - at);
}
