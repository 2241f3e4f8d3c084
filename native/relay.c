/* The loop of `enter`. */
#include "relay.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "alternate-screen.h"
#include "io.h"
#include "relay-parts.h"
#include "signals.h"
#include "terminal.h"

/* A process may leave others behind that hold its stdout: after its end they are listened to until they are silent for so long,
 * or have said so much. */
#define SILENCE_MS 200
#define AFTERWORD_MAX (1u << 20)
struct stream streams[STREAMS];

/* A terminal has no end of input, but a character that means it at the beginning of a line. */
static void end_terminal_input(struct stream *s, int master)
{
	struct termios modes;

	s->from = -1;
	if (tcgetattr(master, &modes) < 0 || !(modes.c_lflag & ICANON))
		return;
	s->at = s->end = 0;
	if (s->last && s->last != '\n')
		s->bytes[s->end++] = modes.c_cc[VEOF];
	s->bytes[s->end++] = modes.c_cc[VEOF];
}

static void end_of_stream(struct stream *s, const struct relay *relay, struct progress *p)
{
	/* EIO of a master: nobody has the terminal open. The process may yet open it again, as long as it lives. */
	if (s->from == relay->terminal && !p->ended)
		p->resting = true;
	else if (s == &streams[IN] && relay->boots)
		s->from = -1; /* a log-in would take the end of input for its own */
	else if (s == &streams[IN] && relay->terminal >= 0)
		end_terminal_input(s, relay->terminal);
	else
		stream_finish(s);
}

static void note_heard(const struct stream *s, struct progress *p)
{
	if (!s->got)
		return;
	p->last_heard = monotonic_ms();
	p->after_end += p->ended ? s->got : 0;
}

static void serve(struct stream *s, const struct pollfd *from, const struct pollfd *to, const struct relay *relay,
		  struct progress *p)
{
	/* POLLHUP of a master: nobody holds the other end, which may change. Of anything else, as POLLERR: its reader is gone. */
	if (to->revents & (POLLERR | POLLHUP | POLLNVAL) && s->to != relay->terminal) {
		stream_break(s);
	} else if (to->revents & POLLOUT) {
		if (!stream_drain(s))
			stream_break(s);
		note_heard(s, p);
	} else if (from->revents && s->from >= 0) {
		if (!stream_fill(s))
			end_of_stream(s, relay, p);
		else
			note_heard(s, p);
		if (relay->terminal >= 0 && s == &streams[OUT])
			alternate_screen_watch(s->bytes, s->got);
		if (relay->boots && s == &streams[IN] && s->got && has_escaped(&p->escape, s))
			p->given_up_by = SIGKILL; /* at once: there is no deadline to wait for */
	}
}


/* The waiter's only word. Without it the waiter was killed, and its child with it. */
static void hear_waiter(const struct relay *relay, struct progress *p)
{
	struct ending ending;
	ssize_t n = recv(relay->waiter, &ending, sizeof ending, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	p->status = n == sizeof ending ? ending.status : SIGKILL;
	p->ended = true;
	p->last_heard = monotonic_ms();
	p->resting = false;
	stream_break(&streams[IN]);
}

static bool has_output_to_pass(void)
{
	return !stream_is_empty(&streams[OUT]) || !stream_is_empty(&streams[ERR]);
}

static bool is_done(const struct progress *p)
{
	if (!p->ended)
		return p->given_up_by && monotonic_ms() >= p->deadline;
	if (p->given_up_by)
		return true;
	if (has_output_to_pass())
		return false;
	/* The clock alone says nothing: on a busy machine this process may not have run for so long. */
	return (streams[OUT].from < 0 && streams[ERR].from < 0) || p->after_end > AFTERWORD_MAX ||
	       (p->silent && monotonic_ms() - p->last_heard >= SILENCE_MS);
}

static int next_timeout(const struct progress *p)
{
	int64_t until;

	if (p->ended && has_output_to_pass())
		return -1;
	if (p->resting)
		return SILENCE_MS;
	if (!p->ended && !p->deadline)
		return -1;
	until = p->ended ? p->last_heard + SILENCE_MS : p->deadline;
	until -= monotonic_ms();
	return until < 0 ? 0 : (int)until;
}

/* A master that polls as hung up would make every poll(2) return at once. */
static void leave_out_master(const struct relay *relay, const struct progress *p, struct pollfd *polled)
{
	if (relay->terminal < 0)
		return;
	if (p->resting)
		polled[2 * OUT].fd = -1;
	if (p->resting || stream_is_empty(&streams[IN]))
		polled[2 * IN + 1].fd = -1;
}

static void loop(struct relay *relay, struct progress *p, int signals)
{
	struct pollfd polled[2 * STREAMS + 3];
	struct pollfd *signal_poll = &polled[2 * STREAMS], *waiter_poll = signal_poll + 1, *control_poll = signal_poll + 2;

	while (!is_done(p)) {
		int count;

		/* It was asked to end by SIGTERM. */
		if (!p->ended && !p->given_up_by && p->deadline && monotonic_ms() >= p->deadline)
			hang_up(relay, p, SIGTERM);
		for (int i = 0; i < STREAMS; i++)
			stream_poll(&streams[i], &polled[2 * i], &polled[2 * i + 1]);
		leave_out_master(relay, p, polled);
		*signal_poll = (struct pollfd){ .fd = signals, .events = POLLIN };
		*control_poll = (struct pollfd){ .fd = relay->has_control ? relay->control : -1, .events = POLLIN };
		*waiter_poll = (struct pollfd){ .fd = p->ended ? -1 : relay->waiter, .events = POLLIN };
		count = poll(polled, sizeof polled / sizeof *polled, next_timeout(p));
		p->silent = count == 0;
		if (count < 0)
			continue;
		p->resting = false;
		for (int i = 0; i < STREAMS; i++)
			serve(&streams[i], &polled[2 * i], &polled[2 * i + 1], relay, p);
		/* Nobody sees this terminal any more. */
		if (relay->terminal >= 0 && streams[OUT].to < 0 && !p->ended && !p->given_up_by)
			hang_up(relay, p, SIGPIPE);
		if (control_poll->revents)
			obey_control(relay, p);
		if (signal_poll->revents)
			handle_signals(relay, p, signals);
		if (waiter_poll->revents)
			hear_waiter(relay, p);
	}
}

static void run_on_terminal(struct relay *relay, struct progress *p)
{
	static const int caught[] = { SIGWINCH, SIGTSTP, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 };
	int signals = catch_signals(caught, sizeof caught / sizeof *caught);

	stream_open(&streams[IN], relay->no_stdin ? -1 : STDIN_FILENO, relay->terminal, true, true);
	stream_open(&streams[OUT], relay->terminal, STDOUT_FILENO, false, true);
	streams[ERR].from = streams[ERR].to = -1;
	terminal_raw();
	loop(relay, p, signals);
	/* Ended by force: nobody has tidied the screen up. */
	if (p->given_up_by || WIFSIGNALED(p->status)) {
		terminal_reset_modes();
		if (streams[OUT].last && streams[OUT].last != '\n')
			write_all(STDERR_FILENO, "\r\n", 2);
	}
	terminal_restore();
}

static void run_on_pipes(struct relay *relay, struct progress *p)
{
	static const int caught[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 };
	int signals = catch_signals(caught, sizeof caught / sizeof *caught);

	stream_open(&streams[IN], STDIN_FILENO, relay->in, true, false);
	stream_open(&streams[OUT], relay->out, STDOUT_FILENO, false, false);
	stream_open(&streams[ERR], relay->err, STDERR_FILENO, false, false);
	if (relay->no_stdin)
		stream_break(&streams[IN]);
	loop(relay, p, signals);
}

int run_relay(struct relay *relay)
{
	struct progress p = { 0 };

	if (relay->terminal >= 0)
		run_on_terminal(relay, &p);
	else
		run_on_pipes(relay, &p);
	/* What has not ended by the hang-up is killed by the waiter, once we are gone. The number of a signal is the wait status of
	 * who was killed by it. */
	return p.given_up_by ? p.given_up_by : p.status;
}
