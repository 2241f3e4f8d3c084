/* Signals to the command that has entered, and what they are for its process. */
#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io.h"
#include "relay-parts.h"
#include "signals.h"
#include "terminal.h"

/* What the process of a terminal gets to end in, after the hang-up of it. */
#define HANG_UP_MS 1000
#ifndef TIOCSIG
#define TIOCSIG 0x40045436
#endif

static void send_signal(const struct relay *relay, int number)
{
	unsigned char byte = (unsigned char)number;

	send(relay->waiter, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void set_size(const struct relay *relay)
{
	struct winsize size = terminal_size();

	ioctl(relay->terminal, TIOCSWINSZ, &size);
}

void hang_up(struct relay *relay, struct progress *p, int reason)
{
	p->given_up_by = reason;
	p->deadline = monotonic_ms() + HANG_UP_MS;
	stream_break(&streams[IN]);
	stream_break(&streams[OUT]);
	close(relay->terminal);
	send_signal(relay, SIGHUP);
}

/* All of a system is asked to end, and has to when it is told again. */
static void end_terminal(struct relay *relay, struct progress *p, int number)
{
	if (relay->boots && !p->asked) {
		p->asked = true;
		send_signal(relay, SIGTERM);
	} else {
		hang_up(relay, p, number);
	}
}

/* Of an attached terminal. Its keys come as bytes; a signal is from somebody else, or from the terminal's own end. */
static void handle_terminal_signal(struct relay *relay, struct progress *p, int number)
{
	if (p->given_up_by)
		return;
	if (relay->boots && (number == SIGINT || number == SIGQUIT || number == SIGTERM)) {
		end_terminal(relay, p, number);
		return;
	}
	switch (number) {
	case SIGTSTP:
		terminal_suspend();
		set_size(relay);
		break;
	case SIGCONT:
		/* Stopped by SIGSTOP, and the shell has set its own modes meanwhile. */
		terminal_raw();
		set_size(relay);
		break;
	case SIGWINCH:
		set_size(relay);
		break;
	case SIGUSR1:
	case SIGUSR2:
		send_signal(relay, number);
		break;
	case SIGINT:
	case SIGQUIT:
		/* As the key would: to the terminal's foreground group. */
		ioctl(relay->terminal, TIOCSIG, number);
		break;
	case SIGTERM:
		/* Shells do not listen to it, and whoever sent it wants an end. */
		send_signal(relay, number);
		if (!p->deadline)
			p->deadline = monotonic_ms() + HANG_UP_MS;
		break;
	default:
		end_terminal(relay, p, number);
	}
}

/* Nobody hears it: the container is paused. */
static void give_up(struct progress *p, int number)
{
	p->given_up_by = number;
	p->deadline = monotonic_ms();
}

/* Whole records come in one piece: each is written at once, and is smaller than any buffer. */
void obey_control(struct relay *relay, const struct progress *p)
{
	unsigned char record[CONTROL_SIZE];
	ssize_t n = read(relay->control, record, sizeof record);
	unsigned first = record[1] | record[2] << 8, second = record[3] | record[4] << 8;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != sizeof record) {
		relay->has_control = false;
	} else if (record[0] == 'w' && relay->terminal >= 0 && !p->given_up_by && first && second) {
		struct winsize size = { .ws_row = (unsigned short)first, .ws_col = (unsigned short)second };

		ioctl(relay->terminal, TIOCSWINSZ, &size);
	} else if (record[0] == 's' && first > 0 && first < NSIG) {
		send_signal(relay, (int)first);
	}
}

void handle_signals(struct relay *relay, struct progress *p, int signals)
{
	int number;

	while ((number = next_signal(signals))) {
		if (relay->terminal >= 0)
			handle_terminal_signal(relay, p, number);
		else if (p->ended)
			p->given_up_by = number; /* it only waits for a reader that does not read */
		else if (relay->is_stuck && relay->is_stuck())
			give_up(p, number);
		else
			send_signal(relay, number);
	}
}
