/* The keys that leave a console: one, or several in a row, wherever the reads cut them. */
#include <stdio.h>
#include <string.h>

#include "console-client.h"
#include "io.h"

bool parse_keys(struct keys *keys, const char *text)
{
	char number[4];
	uint64_t code;

	keys->count = keys->matched = 0;
	for (; *text; text += *text == ',') {
		size_t length = strcspn(text, ",");

		if (length >= sizeof number || keys->count == MAX_KEYS)
			return false;
		memcpy(number, text, length);
		number[length] = 0;
		if (!parse_number(number, 255, &code))
			return false;
		keys->codes[keys->count++] = (uint8_t)code;
		text += length;
	}
	return true;
}

/* How many of the held keys may be the beginning once the first of them are let go. */
static size_t shorter_match(const struct keys *keys)
{
	size_t length = keys->matched - 1;

	while (length && memcmp(keys->codes, keys->codes + keys->matched - length, length) != 0)
		length--;
	return length;
}

bool pass_keys(struct keys *keys, const uint8_t *bytes, size_t size, uint8_t *out, size_t *out_size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		while (keys->matched && keys->codes[keys->matched] != bytes[i]) {
			size_t length = shorter_match(keys);

			memcpy(out + n, keys->codes, keys->matched - length);
			n += keys->matched - length;
			keys->matched = length;
		}
		if (!keys->count || keys->codes[keys->matched] != bytes[i]) {
			out[n++] = bytes[i];
			continue;
		}
		if (++keys->matched == keys->count) {
			keys->matched = 0;
			*out_size = n;
			return true;
		}
	}
	*out_size = n;
	return false;
}

size_t release_keys(struct keys *keys, uint8_t *out)
{
	size_t n = keys->matched;

	memcpy(out, keys->codes, n);
	keys->matched = 0;
	return n;
}

void describe_keys(const struct keys *keys, char *text, size_t size)
{
	size_t at = 0;

	for (size_t i = 0; i < keys->count && at < size; i++) {
		uint8_t code = keys->codes[i];

		at += (size_t)snprintf(text + at, size - at, code < 32 ? "%s^%c" : code == 127 ? "%s^?" : "%s%c", i ? " " : "",
				       code < 32 ? code + '@' : code);
	}
}
