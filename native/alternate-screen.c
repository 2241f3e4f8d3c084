#include "alternate-screen.h"

#include <string.h>

/* `ESC [ ? 1049 h` and `… l`, also one of several numbers with ';' between (xterm's ctlseqs, "DEC Private Mode Set"). */
static enum { TEXT, ESCAPE, BRACKET, NUMBERS } place;
static int number;
static bool names_it, is_on;

static void end_number(void)
{
	names_it = names_it || number == 47 || number == 1047 || number == 1049;
	number = 0;
}

static void take(uint8_t byte)
{
	if (byte == 033) {
		place = ESCAPE;
	} else if (place == ESCAPE) {
		place = byte == '[' ? BRACKET : TEXT;
	} else if (place == BRACKET) {
		place = byte == '?' ? NUMBERS : TEXT;
		number = 0;
		names_it = false;
	} else if (byte >= '0' && byte <= '9') {
		number = number < 10000 ? number * 10 + byte - '0' : number;
	} else {
		end_number();
		if (names_it && (byte == 'h' || byte == 'l'))
			is_on = byte == 'h';
		place = byte == ';' ? NUMBERS : TEXT;
	}
}

void alternate_screen_watch(const uint8_t *bytes, size_t size)
{
	const uint8_t *end = bytes + size;

	while (bytes < end) {
		if (place == TEXT && !(bytes = memchr(bytes, 033, (size_t)(end - bytes))))
			return;
		take(*bytes++);
	}
}

bool alternate_screen_is_on(void)
{
	return is_on;
}
