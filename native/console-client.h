/* `console`: what its parts share. There is one console attached, so there is one of each. */
#ifndef CTR_CONSOLE_CLIENT_H
#define CTR_CONSOLE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connection.h"
#include "stream.h"

#define MAX_KEYS 8

/* The keys that leave, in their order. What has matched so far is held back. */
struct keys {
	uint8_t codes[MAX_KEYS];
	size_t count;   /* 0: none leave */
	size_t matched;
};

struct client {
	const char *name;
	uint64_t index;
	enum wish wish;
	bool writes;            /* what is typed goes in, or its monitor is one that lets everybody type */
	bool is_known;          /* the monitor has said who writes */
	uint32_t writer;        /* pid of who does, or 0 */
	bool asks;              /* something was sent before it was known to whom the console listens */
	bool refused;           /* and it is somebody else */
	bool on_terminal;       /* stdin is one */
	bool input_ended;
	bool stopped;           /* the container has; what it said last is still to be shown */
	int64_t last_heard, held_since;
	struct keys keys;
	struct connection connection;
	struct stream screen;   /* what is left to write to stdout */
	uint8_t last_output;
	uint8_t input[OUTPUT_MAX + MAX_KEYS];   /* what is left to send */
	size_t input_left;
	bool owes_size;         /* of the window, which the socket had no room for */
};

enum outcome { GO_ON, DETACHED, STOPPED, DISCONNECTED, REFUSED };

extern struct client client;

/* console-keys.c: codes with commas between; false when it is no such list. */
bool parse_keys(struct keys *keys, const char *text);
/* Copies what is typed, without the keys that leave; `out` has room for MAX_KEYS more. True when they were typed: what follows is
 * nobody's. */
bool pass_keys(struct keys *keys, const uint8_t *bytes, size_t size, uint8_t *out, size_t *out_size);
/* What is held back comes out: the next key takes too long. */
size_t release_keys(struct keys *keys, uint8_t *out);
/* As users write them: ^] */
void describe_keys(const struct keys *keys, char *text, size_t size);

/* console-talk.c: attaches; says why not and ends where it cannot. */
void attach_console(const char *run_dir);
/* Takes frames while there is room for what they show. */
enum outcome handle_frames(void);
void send_size(void);
/* Something was typed that goes nowhere. */
enum outcome refuse_input(void);
_Noreturn void refuse_console(const char *reason);

#endif
