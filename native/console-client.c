/* `console DIR [--index N] [--escape CODE]`: the caller's terminal becomes a console of the container, until the escape key (^],
 * code 29; 0: none), the container's end, or the end of an input that is no terminal. Nothing is ended by detaching. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "connection.h"
#include "error.h"
#include "io.h"
#include "running.h"
#include "signals.h"
#include "terminal.h"

#define USAGE "usage: clone-helper console DIR [--index N] [--escape CODE]"
#define ESCAPE 29 /* ^] */
#define ANSWER_MS 5000
/* After the end of an input that is no terminal, its effects are waited for until the console is silent for so long. */
#define SILENCE_MS 500

struct client {
	const char *name;
	uint64_t index, escape;
	bool on_terminal;       /* stdin is one */
	bool input_ended;
	int64_t last_heard;
	struct connection connection;
	const uint8_t *output;  /* what is left to write of the last OUTPUT frame */
	size_t output_left;
	uint8_t last_output;
	uint8_t input[OUTPUT_MAX];   /* what is left to send */
	size_t input_left;
	uint64_t lost;
};

enum outcome { GO_ON, DETACHED, STOPPED, DISCONNECTED };

static struct client client;

static void read_options(int argc, char **argv, const char **dir)
{
	for (int i = 1; i < argc; i++) {
		bool has_value = i + 1 < argc;

		if (argv[i][0] != '-' && !*dir)
			*dir = argv[i];
		else if (has_value && strcmp(argv[i], "--index") == 0 && parse_number(argv[i + 1], 65535, &client.index))
			i++;
		else if (has_value && strcmp(argv[i], "--escape") == 0 && parse_number(argv[i + 1], 255, &client.escape))
			i++;
		else
			die(2, USAGE);
	}
	if (!*dir)
		die(2, USAGE);
}

static _Noreturn void refuse_console(const char *reason)
{
	die(1, "cannot attach to console %u of '%s': %s", (unsigned)client.index, client.name, reason);
}

static void attach(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct winsize size = { 0 };
	uint8_t payload[6];

	if (dir < 0 || connect_monitor(&client.connection, dir) < 0) {
		if (errno == ENOENT || errno == ECONNREFUSED)
			refuse_console(errno == ENOENT && faccessat(dir, "state", F_OK, 0) == 0 ?
				       "it is a run, and its console the terminal that started it" : "the container is not running");
		warn_errno("cannot attach to console %u of '%s': connect", (unsigned)client.index, client.name);
		exit(1);
	}
	close(dir);
	if (client.on_terminal || isatty(STDOUT_FILENO))
		size = terminal_size();
	put_u16(payload, (uint16_t)client.index);
	put_u16(payload + 2, size.ws_row);
	put_u16(payload + 4, size.ws_col);
	if (send_frame(client.connection.socket, FRAME_ATTACH, payload, sizeof payload) == 0 &&
	    await_ok(&client.connection, ANSWER_MS) == 0)
		return;
	if (errno == EREMOTEIO)
		refuse_console(client.connection.refusal);
	refuse_console(errno == ETIMEDOUT ? "its monitor does not answer" : "its monitor ended the connection");
}

static void announce(void)
{
	fprintf(stderr, "Connected to console %u of '%s'.", (unsigned)client.index, client.name);
	if (client.on_terminal && client.escape)
		fprintf(stderr, client.escape < 32 ? " Escape is ^%c" : " Escape is %c",
			(int)(client.escape < 32 ? client.escape + '@' : client.escape));
	fputc('\n', stderr);
}

static void send_size(void)
{
	struct winsize size = terminal_size();
	uint8_t payload[4];

	put_u16(payload, size.ws_row);
	put_u16(payload + 2, size.ws_col);
	send_frame(client.connection.socket, FRAME_RESIZE, payload, sizeof payload);
}

/* Takes frames until there is output to write; the others are dealt with here. */
static enum outcome handle_frames(void)
{
	struct frame frame;
	int got;

	while (!client.output_left && (got = take_frame(&client.connection, &frame)) != 0) {
		if (got < 0)
			return DISCONNECTED;
		if (frame.type == FRAME_EXIT)
			return STOPPED;
		if (frame.type == FRAME_OUTPUT) {
			client.output = frame.payload;
			client.output_left = frame.size;
		} else if (frame.type == FRAME_LOST && frame.size == 8) {
			/* Raw or not: CR does no harm. */
			fprintf(stderr, "\r\n[ctr: %llu bytes came too fast for this terminal; they are in the log]\r\n",
				(unsigned long long)get_u64(frame.payload));
		}
	}
	return GO_ON;
}

static enum outcome read_socket(void)
{
	ssize_t n = receive(&client.connection);

	if (n == 0 || (n < 0 && errno != EAGAIN))
		return DISCONNECTED;
	client.last_heard = monotonic_ms();
	return GO_ON;
}

static enum outcome write_output(void)
{
	ssize_t n = write(STDOUT_FILENO, client.output, client.output_left < OUTPUT_MAX ? client.output_left : OUTPUT_MAX);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? GO_ON : DETACHED;
	client.output += n;
	client.output_left -= (size_t)n;
	if (n > 0)
		client.last_output = client.output[-1];
	return GO_ON;
}

static enum outcome send_input(void)
{
	if (send_frame(client.connection.socket, FRAME_INPUT, client.input, client.input_left) == 0)
		client.input_left = 0;
	else if (errno != EAGAIN)
		return DISCONNECTED;
	return GO_ON;
}

/* The key counts wherever it is: in the middle of a paste, and while the console takes nothing. */
static enum outcome read_input(void)
{
	uint8_t bytes[OUTPUT_MAX];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
	const uint8_t *key = NULL;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return GO_ON;
	if (n <= 0) {
		client.input_ended = true;
		return client.on_terminal ? DETACHED : GO_ON;
	}
	if (client.on_terminal && client.escape)
		key = memchr(bytes, (int)client.escape, (size_t)n);
	if (key)
		n = key - bytes;
	if (client.input_left) {
		(void)!write(STDERR_FILENO, "\a", 1); /* full, as a terminal says it */
	} else if (n) {
		memcpy(client.input, bytes, (size_t)n);
		client.input_left = (size_t)n;
		if (send_input() == DISCONNECTED)
			return DISCONNECTED;
	}
	return key ? DETACHED : GO_ON;
}

/* The signal that ends us, or 0. */
static int handle_signals(int signals)
{
	int number;

	while ((number = next_signal(signals))) {
		if (number == SIGTSTP)
			terminal_suspend();
		else if (number == SIGCONT)
			terminal_raw();
		else if (number != SIGWINCH)
			return number;
		send_size();
	}
	return 0;
}

static int next_timeout(void)
{
	int64_t left;

	if (!client.input_ended || client.output_left || client.input_left)
		return -1;
	left = client.last_heard + SILENCE_MS - monotonic_ms();
	return left < 0 ? 0 : (int)left;
}

static enum outcome serve(const struct pollfd *polled)
{
	enum outcome outcome = GO_ON;

	if (polled[2].revents)
		outcome = client.output_left ? write_output() : GO_ON;
	if (outcome == GO_ON && polled[1].revents & POLLOUT)
		outcome = client.input_left ? send_input() : GO_ON;
	if (outcome == GO_ON && polled[1].revents & (POLLIN | POLLHUP | POLLERR) && !client.output_left)
		outcome = read_socket();
	if (outcome == GO_ON && polled[0].revents)
		outcome = read_input();
	if (outcome != DETACHED && handle_frames() == STOPPED)
		return STOPPED;
	return outcome;
}

/* 0, or the signal that ended it */
static int loop(int signals, enum outcome *outcome)
{
	int number;

	*outcome = handle_frames();
	while (*outcome == GO_ON) {
		bool wants_input = !client.input_ended && (!client.input_left || client.on_terminal);
		struct pollfd polled[] = {
			{ .fd = wants_input ? STDIN_FILENO : -1, .events = POLLIN },
			{ .fd = client.connection.socket,
			  .events = (short)((client.output_left ? 0 : POLLIN) | (client.input_left ? POLLOUT : 0)) },
			{ .fd = client.output_left ? STDOUT_FILENO : -1, .events = POLLOUT },
			{ .fd = signals, .events = POLLIN },
		};
		int count = poll(polled, 4, next_timeout());

		if (count == 0)
			*outcome = DETACHED;
		if (count <= 0)
			continue;
		if (polled[3].revents && (number = handle_signals(signals)))
			return number;
		*outcome = serve(polled);
	}
	return 0;
}

int console_main(int argc, char **argv)
{
	static const int caught[] = { SIGWINCH, SIGTSTP, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	const char *dir = NULL;
	enum outcome outcome;
	int signals, number;

	client.escape = ESCAPE;
	read_options(argc, argv, &dir);
	client.name = container_name(dir);
	client.on_terminal = isatty(STDIN_FILENO);
	attach(dir);
	announce();
	signals = catch_signals(caught, sizeof caught / sizeof *caught);
	client.last_heard = monotonic_ms();
	/* With stdout redirected the keys still go to the console as they are typed. */
	terminal_raw();
	number = loop(signals, &outcome);
	/* What was on the screen may have been left in the middle of anything. */
	if (client.on_terminal)
		terminal_reset_modes();
	terminal_restore();
	if (client.last_output && client.last_output != '\n' && isatty(STDOUT_FILENO))
		fputc('\n', stderr);
	if (number)
		return 128 + number;
	if (outcome == STOPPED)
		fprintf(stderr, "container '%s' stopped\n", client.name);
	if (outcome == DISCONNECTED)
		die(1, "lost the console of '%s': its monitor ended the connection", client.name);
	return 0;
}
