/* Feeds the reader and the decoders of vsh with inputs that are valid frames, mutated ones and noise, each twice: at once, and in
 * pieces. Both must see the same messages, and no message may lie outside of what was fed. Arguments: how many inputs, a seed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vsh-buffer.h"

#define INPUT_MAX 20000

static uint64_t state;

static uint32_t random_below(uint32_t limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 11) % limit;
}

static uint8_t input[INPUT_MAX];
static size_t fed;

static struct vsh_reader reader;
static struct vsh_setup setup;

/* The reader's source: vsh_fill() reads it through a pipe's stand-in. */
static size_t at, piece;

ssize_t fuzz_read(int fd, void *to, size_t size)
{
	size_t n = fed - at < piece ? fed - at : piece;

	(void)fd;
	if (n > size)
		n = size;
	memcpy(to, input + at, n);
	at += n;
	return (ssize_t)n;
}

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * 1099511628211u;
}

static uint64_t mix_span(uint64_t hash, struct span message, struct span part)
{
	check(!part.size || (part.at >= message.at && part.at + part.size <= message.at + message.size), "a part lies outside");
	for (size_t i = 0; i < part.size; i++)
		hash = mix(hash, part.at[i]);
	return mix(hash, part.size);
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
	while (*text)
		hash = mix(hash, (uint8_t)*text++);
	return mix(hash, 0);
}

static uint64_t decode_all(uint64_t hash, struct span message)
{
	struct vsh_response response;
	struct vsh_message m;

	if (!vsh_decode_setup(message, &setup)) {
		check(setup.argc <= VSH_MAX_WORDS && setup.env_count <= VSH_MAX_WORDS, "too many words");
		for (int i = 0; i < setup.argc; i++)
			hash = mix_text(hash, setup.argv[i]);
		for (int i = 0; i < setup.env_count; i++) {
			check(setup.env[i][0] != '=' && strchr(setup.env[i], '='), "a variable without a name");
			hash = mix_text(hash, setup.env[i]);
		}
		hash = mix_text(mix_text(mix_text(hash, setup.target), setup.user), setup.cwd);
	}
	if (vsh_decode_response(message, &response))
		hash = mix_span(mix(hash, (uint64_t)response.status), message, response.description);
	for (int side = 0; side < 2; side++) {
		if (!vsh_decode_message(message, side, &m))
			continue;
		hash = mix(mix(mix(hash, m.kind), (uint64_t)m.stream), (uint64_t)m.code);
		hash = mix_span(mix_span(hash, message, m.data), message, m.description);
	}
	return hash;
}

/* What comes of the input when it arrives in such pieces. */
static uint64_t read_all(size_t size)
{
	uint64_t hash = 14695981039346656037u;
	struct span message;
	int got = 0;

	at = 0;
	piece = size;
	reader.at = reader.end = 0;
	do {
		while ((got = vsh_next(&reader, &message)) > 0) {
			check(message.size <= VSH_MAX_MESSAGE, "a message is too long");
			check(message.at >= reader.bytes && message.at + message.size <= reader.bytes + sizeof reader.bytes, "a message lies outside");
			hash = decode_all(hash, message);
		}
	} while (got == 0 && vsh_fill(&reader, -1) > 0);
	return mix(hash, (uint64_t)got);
}

static size_t add_valid_frame(uint8_t *to)
{
	static char word[200], *words[] = { word, "", "-c", "A=b" };
	static const char *const names[] = { "", "/vm_shell", "penguin", "root" };
	char data[VSH_CHUNK];

	memset(word, 'x', random_below(sizeof word - 1));
	memset(data, 'd', sizeof data);
	switch (random_below(6)) {
	case 0:
		setup.target = names[random_below(4)];
		setup.user = names[random_below(4)];
		setup.cwd = names[random_below(4)];
		setup.argc = (int)random_below(4);
		memcpy(setup.argv, words, sizeof words);
		setup.env_count = (int)random_below(2);
		setup.env[0] = "TERM=x";
		setup.rows = (int32_t)random_below(70000) - 100;
		return vsh_encode_setup(to, &setup);
	case 1:
		return vsh_encode_response(to, random_below(4), names[random_below(4)], (int32_t)random_below(70000));
	case 2:
		return vsh_encode_data(to, random_below(4), data, random_below(sizeof data + 1));
	case 3:
		return vsh_encode_status(to, random_below(4), names[random_below(4)], (int32_t)random_below(600) - 300);
	case 4:
		return vsh_encode_resize(to, (int32_t)random_below(70000) - 100, 80);
	default:
		return vsh_encode_signal(to, (int)random_below(20));
	}
}

static void make_input(void)
{
	uint8_t frame[VSH_MAX_FRAME];
	uint32_t mutations = random_below(4);

	fed = 0;
	for (uint32_t frames = 1 + random_below(4); frames; frames--) {
		size_t size = add_valid_frame(frame);

		check(size <= VSH_MAX_FRAME, "a frame does not fit");
		memcpy(input + fed, frame, size);
		fed += size;
	}
	for (uint32_t noise = random_below(8) ? 0 : random_below(300); noise; noise--)
		input[fed++] = (uint8_t)random_below(256);
	while (mutations--)
		input[random_below((uint32_t)fed)] = random_below(3) ? (uint8_t)random_below(256) : random_below(2) ? 0 : 0xff;
	if (!random_below(5))
		fed -= random_below((uint32_t)fed);
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 1000;

	state = argc > 2 ? strtoull(argv[2], NULL, 10) * 2654435761u + 1 : 1;
	for (long i = 0; i < count; i++) {
		uint64_t whole;

		make_input();
		whole = read_all(INPUT_MAX);
		check(read_all(1 + random_below(97)) == whole, "pieces say something else than the whole");
		if (i % 64 == 0)
			check(read_all(1) == whole, "single bytes say something else than the whole");
	}
	printf("%ld inputs\n", count);
	return 0;
}
