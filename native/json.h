/* A line of JSON put together in a fixed buffer; what does not fit is left out, and the line is then cut at a whole string. */
#ifndef CTR_JSON_H
#define CTR_JSON_H

#include <stddef.h>

struct json {
	size_t length;
	char bytes[4096];
};

/* Adds text as it is. */
void json_add(struct json *j, const char *text);

/* Adds a quoted string. */
void json_add_string(struct json *j, const char *text);

void json_add_number(struct json *j, long long number);

/* Writes the line; it is one write, so lines of several processes do not mix. */
void json_write(const struct json *j, int fd);

#endif
