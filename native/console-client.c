/* `console DIR [--index N] [--escape CODE,…] [--wish N]`: the caller's terminal becomes a console of the container, until the keys that
 * leave it (^], code 29; "": none), the container's end, or the end of an input that is no terminal. Nothing is ended by detaching. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "console-client.h"
#include "error.h"
#include "io.h"
#include "running.h"
#include "signals.h"
#include "terminal.h"

#define USAGE "usage: clone-helper console DIR [--index N] [--escape CODE,...] [--wish N]"
#define ESCAPE "29" /* ^] */
/* The first keys of several that leave are held back for so long. */
#define HOLD_MS 500
/* After the end of an input that is no terminal, its effects are waited for until the console is silent for so long. */
#define SILENCE_MS 500

struct client client;

static void read_options(int argc, char **argv, const char **dir)
{
	uint64_t wish = WISH_WRITE;

	for (int i = 1; i < argc; i++) {
		bool has_value = i + 1 < argc;

		if (argv[i][0] != '-' && !*dir)
			*dir = argv[i];
		else if (has_value && strcmp(argv[i], "--index") == 0 && parse_number(argv[i + 1], 65535, &client.index))
			i++;
		else if (has_value && strcmp(argv[i], "--escape") == 0 && parse_keys(&client.keys, argv[i + 1]))
			i++;
		else if (has_value && strcmp(argv[i], "--wish") == 0 && parse_number(argv[i + 1], WISH_TAKE, &wish))
			i++;
		else
			die(2, USAGE);
	}
	if (!*dir)
		die(2, USAGE);
	client.wish = (enum wish)wish;
}

static void announce(void)
{
	char keys[4 * MAX_KEYS] = "";

	fprintf(stderr, "Connected to console %u of '%s'.", (unsigned)client.index, client.name);
	if (client.on_terminal && client.keys.count) {
		describe_keys(&client.keys, keys, sizeof keys);
		fprintf(stderr, " Escape is %s", keys);
	}
	fputc('\n', stderr);
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
	return stream_drain(&client.screen) ? GO_ON : DETACHED;
}

/* A monitor that has gone may have said why: that is still to be read. */
static void send_input(void)
{
	if (send_frame(client.connection.socket, FRAME_INPUT, client.input, client.input_left) == 0 || errno != EAGAIN)
		client.input_left = 0;
}

/* Bytes that are in `input` are sent, or refused. */
static enum outcome pass_input(size_t size)
{
	if (!size)
		return GO_ON;
	/* Where nobody writes, who types first does: the monitor says. */
	if (client.wish == WISH_WATCH || (!client.writes && client.writer))
		return refuse_input();
	client.asks |= !client.writes;
	client.input_left = size;
	send_input();
	return GO_ON;
}

/* The keys count wherever they are: in the middle of a paste, and while the console takes nothing. */
static enum outcome read_input(void)
{
	uint8_t bytes[OUTPUT_MAX], typed[sizeof client.input];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
	enum outcome outcome = GO_ON;
	bool leaves;
	size_t size;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return GO_ON;
	if (n <= 0) {
		client.input_ended = true;
		return client.on_terminal ? DETACHED : GO_ON;
	}
	leaves = pass_keys(&client.keys, bytes, (size_t)n, typed, &size);
	client.held_since = monotonic_ms();
	if (client.input_left && size) {
		(void)!write(STDERR_FILENO, "\a", 1); /* full, as a terminal says it */
	} else if (size) {
		memcpy(client.input, typed, size);
		outcome = pass_input(size);
	}
	return outcome != GO_ON ? outcome : leaves ? DETACHED : GO_ON;
}

static enum outcome release_held(void)
{
	if (!client.keys.matched || client.input_left || monotonic_ms() - client.held_since < HOLD_MS)
		return GO_ON;
	return pass_input(release_keys(&client.keys, client.input));
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

	if (client.keys.matched)
		left = client.held_since + HOLD_MS - monotonic_ms();
	else if (!client.input_ended || !stream_is_empty(&client.screen) || client.input_left)
		return -1;
	else
		left = client.last_heard + SILENCE_MS - monotonic_ms();
	return left < 0 ? 0 : (int)left;
}

static enum outcome serve(const struct pollfd *polled)
{
	enum outcome outcome = GO_ON, heard;

	if (polled[2].revents)
		outcome = !stream_is_empty(&client.screen) ? write_output() : GO_ON;
	if (outcome == GO_ON && polled[1].revents & POLLOUT) {
		if (client.input_left)
			send_input();
		if (client.owes_size)
			send_size();
	}
	if (outcome == GO_ON && polled[1].revents & (POLLIN | POLLHUP | POLLERR) && stream_is_empty(&client.screen))
		outcome = read_socket();
	if (outcome == GO_ON && polled[0].revents)
		outcome = read_input();
	if (outcome == DETACHED || outcome == REFUSED)
		return outcome;
	heard = handle_frames();
	/* What it said last is still to be shown. */
	return heard != GO_ON || client.stopped ? heard : outcome;
}

/* Nothing is asked of a socket while there is nothing to do with it: poll(2) would tell of its end without end. */
static struct pollfd poll_socket(void)
{
	bool reads = stream_is_empty(&client.screen) && !client.stopped, writes = client.input_left || client.owes_size;

	return (struct pollfd){ .fd = reads || writes ? client.connection.socket : -1,
				.events = (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)) };
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
			poll_socket(),
			{ .fd = stream_is_empty(&client.screen) ? -1 : STDOUT_FILENO, .events = POLLOUT },
			{ .fd = signals, .events = POLLIN },
		};
		int count = poll(polled, 4, next_timeout());

		if (count == 0 && !client.keys.matched)
			*outcome = DETACHED;
		else if (count == 0)
			*outcome = release_held();
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

	parse_keys(&client.keys, ESCAPE);
	read_options(argc, argv, &dir);
	client.name = container_name(dir);
	client.on_terminal = isatty(STDIN_FILENO);
	if (!client.on_terminal)
		client.keys.count = 0;
	attach_console(dir);
	stream_open(&client.screen, -1, STDOUT_FILENO, false, true);
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
	if (outcome == REFUSED)
		refuse_console("another process types there");
	if (outcome == DISCONNECTED)
		die(1, "lost the console of '%s': its monitor ended the connection", client.name);
	return 0;
}
