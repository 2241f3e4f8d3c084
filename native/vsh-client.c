/* The loop of vsh. A source is read only while there is room for what it says, so whatever is slow slows the other end down, and
 * neither side can lock the other. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"
#include "io.h"
#include "relay.h"
#include "signals.h"
#include "terminal.h"
#include "vsh.h"
#include "vsh-output.h"

/* How long a signal may wait behind input that nobody takes. */
#define SIGNAL_MS 1000

enum { IN, SOCKET, OUT, ERR, SIGNALS, CONTROL, POLLED };

#define ROOM_FOR_INPUT ((VSH_FRAMES_AT_ONCE + 1) * VSH_MAX_FRAME)

static uint8_t bytes[2 * ROOM_FOR_INPUT];
static struct vsh_queue to_server = { .bytes = bytes, .size = sizeof bytes };

static struct {
	struct vsh_reader *reader;
	int socket, control;
	bool interactive, input_ended, closed; /* closed: no more comes from the server */
	bool done;
	int status;
	const char *lost; /* why there is no exit status, in words */
	const char *remark; /* about an exit status */
	char said[256];	  /* by vshd, about either */
	int pending_signal;
	int64_t signal_deadline;
} client;

static void lose(const char *reason)
{
	client.closed = true;
	client.status = VSH_LOST;
	client.lost = reason;
}

/* Nobody is there any more for whom this goes on: the server hangs up its end. */
static void give_up(int signal_number)
{
	client.done = true;
	client.status = 128 + signal_number;
}

static void take_status(const struct vsh_message *m)
{
	if (m->status == VSH_READY)
		return;
	snprintf(client.said, sizeof client.said, "%.*s", (int)m->description.size, (const char *)m->description.at);
	if (m->status != VSH_EXITED) {
		lose(client.said[0] ? client.said : "vshd gave the session up");
		return;
	}
	if (strcmp(client.said, VSH_EXITED_TEXT) != 0 && client.said[0])
		client.remark = client.said;
	client.closed = true;
	client.status = m->code & 0xff;
}

/* As if the command's own write had met this: SIGPIPE, or the terminal's end. */
static void lose_reader(void)
{
	give_up(client.interactive ? SIGHUP : SIGPIPE);
}

static void flush_output(void)
{
	if (!output_flush())
		lose_reader();
}

/* Also when what has been taken was too much only until it is written. */
static bool has_room(void)
{
	if (!output_has_room())
		flush_output();
	return output_has_room();
}

static void take_frames(void)
{
	struct vsh_message message;
	struct span frame;
	int got = 0;

	while (!client.closed && has_room() && (got = vsh_next(client.reader, &frame)) > 0) {
		if (!vsh_decode_message(frame, false, &message))
			lose("what vshd sends is none of its messages");
		else if (message.kind == VSH_DATA)
			output_add(message.stream, message.data);
		else if (message.kind == VSH_STATUS)
			take_status(&message);
	}
	if (got < 0)
		lose("a frame of vshd's is longer than 4096 bytes");
	flush_output();
}

static void read_socket(void)
{
	ssize_t n = vsh_fill(client.reader, client.socket);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		lose("the connection ended before the command did");
	else
		take_frames();
}

/* The server may have closed for a reason that is still to be read. */
static void write_socket(void)
{
	if (!queue_drain(&to_server, client.socket))
		client.input_ended = true;
}

static void send_input(void)
{
	size_t most = client.interactive ? VSH_CHUNK : VSH_FRAMES_AT_ONCE * VSH_CHUNK;
	ssize_t n = queue_fill(&to_server, STDIN_FILENO, VSH_STDIN, most);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* A raw terminal has no end but that of its other side. */
	if (n <= 0 && client.interactive) {
		give_up(SIGHUP);
		return;
	}
	client.input_ended = n <= 0;
	if (client.input_ended)
		queue_add_end(&to_server, VSH_STDIN);
	write_socket();
}

/* Signals and sizes are small and few: there is room for them beside the input. */
static void send_frame(const uint8_t *frame, size_t size)
{
	if (queue_room(&to_server) >= size)
		queue_add(&to_server, frame, size);
}

static void send_size(struct winsize size)
{
	uint8_t frame[VSH_MAX_FRAME];

	send_frame(frame, vsh_encode_resize(frame, size.ws_row, size.ws_col));
}

static void send_signal(int number)
{
	uint8_t frame[VSH_MAX_FRAME];

	if (client.closed) {
		give_up(number); /* it only waits for a reader that does not read */
		return;
	}
	send_frame(frame, vsh_encode_signal(frame, number));
	if (!client.pending_signal) {
		client.pending_signal = number;
		client.signal_deadline = monotonic_ms() + SIGNAL_MS;
	}
}

static void handle_signals(int signals)
{
	int number;

	while ((number = next_signal(signals))) {
		if (number == SIGTSTP) {
			terminal_suspend();
			send_size(terminal_size());
		} else if (number == SIGCONT) {
			/* Stopped by SIGSTOP, and the shell has set its own modes meanwhile. */
			terminal_raw();
			send_size(terminal_size());
		} else if (number == SIGWINCH) {
			send_size(terminal_size());
		} else {
			send_signal(number);
		}
	}
}

/* Whole records come in one piece: each is written at once, and is smaller than any buffer. */
static void obey_control(void)
{
	unsigned char record[CONTROL_SIZE];
	ssize_t n = read(client.control, record, sizeof record);
	unsigned first = record[1] | record[2] << 8, second = record[3] | record[4] << 8;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != sizeof record)
		client.control = -1;
	else if (record[0] == 'w' && first && second)
		send_size((struct winsize){ .ws_row = (unsigned short)first, .ws_col = (unsigned short)second });
	else if (record[0] == 's' && (first == SIGHUP || first == SIGINT || first == SIGQUIT || first == SIGTERM))
		send_signal((int)first);
}

/* Input that the command does not read is in the way of a signal, for the wire has one order. Then the end of the connection says it. */
static void check_pending_signal(void)
{
	if (client.pending_signal && queue_is_empty(&to_server))
		client.pending_signal = 0;
	if (client.pending_signal && monotonic_ms() >= client.signal_deadline)
		give_up(client.pending_signal);
}

static bool is_over(void)
{
	return client.done || (client.closed && output_is_empty());
}

static void loop(int signals)
{
	struct pollfd polled[POLLED];

	for (take_frames(); !is_over(); check_pending_signal()) {
		bool takes_input = !client.input_ended && !client.closed && queue_room(&to_server) >= ROOM_FOR_INPUT;
		short from_server = !client.closed && output_has_room() ? POLLIN : 0;
		short to = queue_is_empty(&to_server) || client.closed ? 0 : POLLOUT;

		polled[IN] = (struct pollfd){ .fd = takes_input ? STDIN_FILENO : -1, .events = POLLIN };
		polled[SOCKET] = (struct pollfd){ .fd = from_server || to ? client.socket : -1, .events = (short)(from_server | to) };
		output_poll(&polled[OUT]);
		polled[SIGNALS] = (struct pollfd){ .fd = signals, .events = POLLIN };
		polled[CONTROL] = (struct pollfd){ .fd = client.control, .events = POLLIN };
		if (poll(polled, POLLED, client.pending_signal ? SIGNAL_MS : -1) < 0)
			continue;
		if (!output_serve(&polled[OUT]))
			lose_reader();
		/* Frames that were kept back for want of room. */
		take_frames();
		if (polled[SIGNALS].revents)
			handle_signals(signals);
		if (polled[CONTROL].revents)
			obey_control();
		if (polled[SOCKET].revents & POLLOUT)
			write_socket();
		if (polled[SOCKET].revents & (POLLIN | POLLHUP | POLLERR) && from_server && !client.closed && output_has_room())
			read_socket();
		if (polled[IN].revents && !client.closed && !client.input_ended)
			send_input();
	}
}

static int open_signals(void)
{
	static const int on_terminal[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH, SIGTSTP, SIGCONT };

	/* On pipes the last three have their usual meaning. */
	return catch_signals(on_terminal, client.interactive ? 7 : 4);
}

int vsh_run_client(int socket, bool interactive, int control, struct vsh_reader *reader)
{
	int signals;

	client.socket = socket;
	client.interactive = interactive;
	client.control = control;
	client.reader = reader;
	output_open(interactive);
	fcntl(socket, F_SETFL, O_NONBLOCK);
	signals = open_signals();
	if (interactive)
		terminal_raw();
	loop(signals);
	/* Cut off: nobody has tidied the screen up. */
	if (interactive && (client.lost || client.done)) {
		terminal_reset_modes();
		if (output_last() && output_last() != '\n')
			(void)!write(STDERR_FILENO, "\r\n", 2);
	}
	terminal_restore();
	if (client.lost || client.remark)
		warn("%s", client.lost ? client.lost : client.remark);
	return client.status;
}
