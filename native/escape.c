#include "escape.h"

#include "io.h"

#define ESCAPE_KEY 0x1d /* ^] */
#define ESCAPE_COUNT 3
#define ESCAPE_MS 1000

bool has_escaped(struct escape *e, const struct stream *s)
{
	int64_t now = monotonic_ms();

	for (size_t i = s->at; i < s->end; i++) {
		if (s->bytes[i] != ESCAPE_KEY) {
			e->count = 0;
			continue;
		}
		if (!e->count || now - e->since_ms > ESCAPE_MS) {
			e->count = 0;
			e->since_ms = now;
		}
		if (++e->count == ESCAPE_COUNT)
			return true;
	}
	return false;
}
