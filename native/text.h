/* Short texts put together without stdio, which would double the monitor's memory. What does not fit is left out. */
#ifndef CTR_TEXT_H
#define CTR_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text {
	size_t length;
	char bytes[512]; /* NUL behind the last */
};

void text_add(struct text *text, const char *more);
void text_add_bytes(struct text *text, const char *more, size_t size);
void text_add_number(struct text *text, uint64_t number);

#endif
