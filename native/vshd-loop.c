/* The loop of a session. A source is read only while there is room for what it says: memory stays bounded, and whatever is slow slows the
 * other end down. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "io.h"
#include "vshd.h"

/* A process may leave others behind that hold its output: after its end they are listened to until they are silent for so long, or have
 * said so much. */
#define SILENCE_MS 200
#define AFTERWORD_MAX (1u << 20)
/* Input that nobody reads yet: more than sockets hold, so that a signal behind it is still found. */
#define INPUT_MAX (1u << 20)
#define ROOM_FOR_OUTPUT ((VSH_FRAMES_AT_ONCE + 2) * VSH_MAX_FRAME)

enum { SOCKET, IN, OUT, ERR, ENDED, POLLED };

static uint8_t out_bytes[2 * ROOM_FOR_OUTPUT], in_bytes[INPUT_MAX];
static struct vsh_queue to_client = { .bytes = out_bytes, .size = sizeof out_bytes };
static struct vsh_queue to_target = { .bytes = in_bytes, .size = sizeof in_bytes };
static struct vsh_parts input; /* of the frames that are being taken */

static struct {
	int socket;
	struct vsh_reader *reader;
	struct target *target;
	int in, out, err; /* -1 once they are over; with a terminal in and out are its master */
	bool gone;	  /* the client */
	bool input_ended, ended;
	int status;
	uint8_t last; /* byte of input */
	size_t after_end;
	int64_t last_heard;
	bool resting; /* nobody has the terminal open: the master would report POLLHUP without end, so it is asked by the clock */
} s;

static bool on_terminal(void)
{
	return s.target->relay.terminal >= 0;
}

static void close_input(void)
{
	if (s.in >= 0 && !on_terminal()) {
		close(s.in);
		s.target->relay.in = -1;
	}
	s.in = -1;
	to_target.at = to_target.end = 0;
	input.count = 0;
	input.size = 0;
}

/* A terminal has no end of input, but a character that means it at the beginning of a line. */
static void end_terminal_input(void)
{
	struct termios modes;
	uint8_t eof[2];
	size_t size = 0;

	if (tcgetattr(s.in, &modes) == 0 && modes.c_lflag & ICANON) {
		if (s.last && s.last != '\n')
			eof[size++] = modes.c_cc[VEOF];
		eof[size++] = modes.c_cc[VEOF];
		(void)!write(s.in, eof, size);
	}
	s.in = -1;
}

static void check_end_of_input(void)
{
	if (!s.input_ended || s.in < 0 || !queue_is_empty(&to_target))
		return;
	if (on_terminal())
		end_terminal_input();
	else
		close_input();
}

/* A data message is stdin, whatever it says: ChromeOS's server does not look. */
static void take_input(struct span data)
{
	if (!data.size)
		s.input_ended = true;
	if (s.input_ended || s.in < 0)
		return;
	s.last = data.at[data.size - 1];
	if (!parts_add(&input, &to_target, data)) {
		parts_settle(&input, &to_target, 0);
		queue_add(&to_target, data.at, data.size);
	}
}

static void take_message(const struct vsh_message *m)
{
	if (m->kind == VSH_DATA)
		take_input(m->data);
	else if (m->kind == VSH_RESIZE)
		target_size(s.target, m->rows, m->cols);
	else if (m->kind == VSH_SIGNAL &&
		 (m->signal == SIGHUP || m->signal == SIGINT || m->signal == SIGQUIT || m->signal == SIGTERM) && !s.ended)
		target_signal(s.target, m->signal);
	else if (m->kind == VSH_STATUS && m->status != VSH_READY)
		s.gone = true;
}

static void give_input(void)
{
	if (s.in >= 0 && !s.resting && !queue_drain(&to_target, s.in) && !on_terminal())
		close_input();
}

/* What has come, and was not too much for the queue, which is empty before it. */
static void give_parts(void)
{
	ssize_t n = input.count && !s.resting ? writev(s.in, input.parts, input.count) : 0;

	if (n < 0 && errno != EAGAIN && errno != EINTR && !on_terminal())
		close_input();
	else
		parts_settle(&input, &to_target, n > 0 ? (size_t)n : 0);
}

static bool takes_frames(void)
{
	return s.in < 0 || queue_room(&to_target) >= input.size + VSH_MAX_MESSAGE;
}

static void take_frames(void)
{
	struct vsh_message message;
	struct span frame;
	int got = 0;

	while (!s.gone && takes_frames() && (got = vsh_next(s.reader, &frame)) > 0) {
		if (vsh_decode_message(frame, true, &message))
			take_message(&message);
		else
			got = -1;
		if (got < 0)
			break;
	}
	if (got < 0) {
		vshd_log("the client has sent what is no frame of vsh: its session is given up");
		s.gone = true;
	}
	give_parts();
	check_end_of_input();
}

static void send_output(void)
{
	if (!queue_drain(&to_client, s.socket))
		s.gone = true;
}

static void read_output(int *fd, enum vsh_stream stream)
{
	ssize_t n = queue_fill(&to_client, *fd, stream, VSH_FRAMES_AT_ONCE * VSH_CHUNK);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		send_output();
		s.last_heard = monotonic_ms();
		s.after_end += s.ended ? (size_t)n : 0;
	} else if (on_terminal() && !s.ended) {
		s.resting = true; /* EIO; the process may yet open it again, as long as it lives */
	} else {
		if (!s.ended) {
			queue_add_end(&to_client, stream);
			send_output();
		}
		if (!on_terminal())
			close(*fd);
		*(stream == VSH_STDERR ? &s.target->relay.err : &s.target->relay.out) = -1;
		*fd = -1;
	}
}

static void hear_end(void)
{
	if (!target_ended(s.target, &s.status))
		return;
	s.ended = true;
	s.last_heard = monotonic_ms();
	s.resting = false;
	close_input();
}

static bool is_done(void)
{
	if (!s.ended || !queue_is_empty(&to_client))
		return false;
	return (s.out < 0 && s.err < 0) || s.after_end > AFTERWORD_MAX || monotonic_ms() - s.last_heard >= SILENCE_MS;
}

static int next_timeout(void)
{
	int64_t left = s.last_heard + SILENCE_MS - monotonic_ms();

	if (s.ended)
		return !queue_is_empty(&to_client) ? -1 : left > 0 ? (int)left : 0;
	return s.resting ? SILENCE_MS : -1;
}

static void watch(struct pollfd *polled)
{
	bool has_room = queue_room(&to_client) >= ROOM_FOR_OUTPUT;
	/* A client that is gone is to be noticed also while nothing of it can be taken. */
	short from_client = takes_frames() ? POLLIN : POLLRDHUP;

	polled[SOCKET] = (struct pollfd){ s.socket, (short)(from_client | (queue_is_empty(&to_client) ? 0 : POLLOUT)), 0 };
	polled[IN] = (struct pollfd){ queue_is_empty(&to_target) || s.resting ? -1 : s.in, POLLOUT, 0 };
	polled[OUT] = (struct pollfd){ has_room && !s.resting ? s.out : -1, POLLIN, 0 };
	polled[ERR] = (struct pollfd){ has_room ? s.err : -1, POLLIN, 0 };
	polled[ENDED] = (struct pollfd){ s.ended ? -1 : s.target->child ? s.target->pidfd : s.target->relay.waiter, POLLIN, 0 };
}

static void serve_socket(short revents)
{
	if (revents & POLLOUT)
		send_output();
	if (!takes_frames()) {
		s.gone = s.gone || revents & (POLLRDHUP | POLLHUP | POLLERR);
	} else if (revents & (POLLIN | POLLHUP | POLLERR)) {
		ssize_t n = vsh_fill(s.reader, s.socket);

		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			s.gone = true;
		take_frames();
		give_input();
	}
}

static void loop(void)
{
	struct pollfd polled[POLLED];

	for (take_frames(); !s.gone && !is_done(); take_frames()) {
		watch(polled);
		if (poll(polled, POLLED, next_timeout()) < 0)
			continue;
		s.resting = false;
		if (polled[IN].revents)
			give_input();
		if (polled[OUT].revents && s.out >= 0)
			read_output(&s.out, VSH_STDOUT);
		if (polled[ERR].revents && s.err >= 0 && queue_room(&to_client) >= ROOM_FOR_OUTPUT)
			read_output(&s.err, VSH_STDERR);
		if (polled[SOCKET].revents)
			serve_socket(polled[SOCKET].revents);
		if (polled[ENDED].revents && !s.ended)
			hear_end();
	}
}

static void say_exited(void)
{
	int code = WIFEXITED(s.status) ? WEXITSTATUS(s.status) : 128 + WTERMSIG(s.status);
	const char *words = explain_end(s.status);
	uint8_t frame[VSH_MAX_FRAME];

	/* Not on stderr, whose end may have been told by now. */
	queue_add(&to_client, frame, vsh_encode_status(frame, VSH_EXITED, *words ? words : VSH_EXITED_TEXT, code));
	fcntl(s.socket, F_SETFL, 0);
	while (!queue_is_empty(&to_client) && queue_drain(&to_client, s.socket))
		;
}

void run_session(int socket, struct vsh_reader *reader, struct target *target)
{
	s.socket = socket;
	s.reader = reader;
	s.target = target;
	s.in = on_terminal() ? target->relay.terminal : target->relay.in;
	s.out = on_terminal() ? target->relay.terminal : target->relay.out;
	s.err = target->relay.err;
	fcntl(socket, F_SETFL, O_NONBLOCK);
	loop();
	if (s.gone && !s.ended)
		target_hang_up(target);
	else if (!s.gone)
		say_exited();
}
