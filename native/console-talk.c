/* A console's client and the monitor: attaching, and what the frames mean. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alternate-screen.h"
#include "console-client.h"
#include "error.h"
#include "terminal.h"

#define ANSWER_MS 5000

_Noreturn void refuse_console(const char *reason)
{
	die(1, "cannot attach to console %u of '%s': %s", (unsigned)client.index, client.name, reason);
}

static bool ask(enum frame_type type, const void *payload, size_t size)
{
	return send_frame(client.connection.socket, type, payload, size) == 0 && await_ok(&client.connection, ANSWER_MS) == 0;
}

static const char *why_no_socket(int dir)
{
	if (faccessat(dir, "state", F_OK, 0) < 0)
		return "the container is not running";
	/* Nothing is compiled beforehand for a run. */
	return faccessat(dir, "compiled", F_OK, 0) < 0 ? "it is a run, and its console the terminal that started it"
						       : "somebody has removed its monitor's socket, which the next start makes again";
}

void attach_console(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint8_t payload[6], wish = (uint8_t)client.wish;
	struct winsize size = { 0 };
	uint32_t version;

	if (dir < 0 || connect_monitor(&client.connection, dir) < 0) {
		if (errno == ENOENT || errno == ECONNREFUSED)
			refuse_console(errno == ENOENT ? why_no_socket(dir) : "the container is not running");
		warn_errno("cannot attach to console %u of '%s': connect", (unsigned)client.index, client.name);
		exit(1);
	}
	close(dir);
	if (client.on_terminal || isatty(STDOUT_FILENO))
		size = terminal_size();
	put_u16(payload, (uint16_t)client.index);
	put_u16(payload + 2, size.ws_row);
	put_u16(payload + 4, size.ws_col);
	version = await_hello(&client.connection, ANSWER_MS);
	/* One of an older ctr lets everybody type. */
	client.writes = version == 1 && client.wish != WISH_WATCH;
	if (version && (version == 1 || ask(FRAME_WRITE, &wish, 1)) && ask(FRAME_ATTACH, payload, sizeof payload))
		return;
	if (errno == EREMOTEIO)
		refuse_console(client.connection.refusal);
	refuse_console(errno == ETIMEDOUT ? "its monitor does not answer" : "its monitor ended the connection");
}

void send_size(void)
{
	struct winsize size = terminal_size();
	uint8_t payload[4];

	put_u16(payload, size.ws_row);
	put_u16(payload + 2, size.ws_col);
	client.owes_size = send_frame(client.connection.socket, FRAME_RESIZE, payload, sizeof payload) < 0 && errno == EAGAIN;
}

/* Between the lines of the console. Raw or not: CR does no harm. */
static void note(const char *text)
{
	fprintf(stderr, "\r\n[ctr: %s]\r\n", text);
}

static void note_role(const uint8_t *payload)
{
	bool wrote = client.writes, was_known = client.is_known;
	uint32_t before = client.writer;
	char text[256];

	client.writes = payload[0];
	client.writer = get_u32(payload + 1);
	client.is_known = true;
	client.refused |= client.asks && !client.writes && client.writer && !client.on_terminal;
	client.asks &= !client.writes;
	/* What was said before once more: something has come there after somebody had taken the console over. */
	client.refused |= was_known && !wrote && !client.writes && client.writer && before == client.writer && !client.on_terminal;
	if (client.wish == WISH_WATCH || (wrote == client.writes && before == client.writer))
		return;
	if (client.writes) {
		if (was_known)
			note("you type here from now on");
	} else if (client.writer) {
		snprintf(text, sizeof text, "process %u of uid %u %s; you look on (--take takes it over)", client.writer,
			 get_u32(payload + 5), wrote ? "has taken this console over" : "types here");
		note(text);
	}
}

static void note_unread(uint8_t why)
{
	if (why == UNREAD_CLOSED)
		note("no program inside has this console open");
	else if (why == UNREAD_INPUT)
		note("what was typed has not been read: no program inside reads this console");
	else if (why == UNREAD_NO_TERMINAL)
		note("this console is no terminal: what is typed goes nowhere");
}

enum outcome refuse_input(void)
{
	/* A script wants to know; whoever looks on has been told, and hears it as a terminal says it. */
	if (!client.on_terminal && client.wish != WISH_WATCH)
		return REFUSED;
	if (client.on_terminal)
		(void)!write(STDERR_FILENO, "\a", 1);
	return GO_ON;
}

static void show(const struct frame *frame)
{
	struct stream *s = &client.screen;

	memcpy(s->bytes + s->end, frame->payload, frame->size);
	s->end += frame->size;
	alternate_screen_watch(frame->payload, frame->size);
	if (frame->size)
		client.last_output = frame->payload[frame->size - 1];
}

enum outcome handle_frames(void)
{
	struct frame frame;
	char text[128];
	int got;

	if (client.screen.at == client.screen.end)
		client.screen.at = client.screen.end = 0;
	/* A server's frames of output have at most OUTPUT_MAX bytes. */
	while (!client.stopped && client.screen.end + OUTPUT_MAX <= sizeof client.screen.bytes &&
	       (got = take_frame(&client.connection, &frame)) != 0) {
		if (got < 0 || (frame.type == FRAME_OUTPUT && frame.size > OUTPUT_MAX))
			return DISCONNECTED;
		client.stopped |= frame.type == FRAME_EXIT;
		if (frame.type == FRAME_OUTPUT)
			show(&frame);
		if (frame.type == FRAME_ROLE && frame.size == ROLE_SIZE)
			note_role(frame.payload);
		if (frame.type == FRAME_UNREAD && frame.size == 1)
			note_unread(frame.payload[0]);
		if (frame.type == FRAME_LOST && frame.size == 8) {
			snprintf(text, sizeof text, "%llu bytes came too fast for this terminal; they are in the log",
				 (unsigned long long)get_u64(frame.payload));
			note(text);
		}
	}
	if (client.refused)
		return REFUSED;
	return client.stopped && stream_is_empty(&client.screen) ? STOPPED : GO_ON;
}
