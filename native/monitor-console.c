/* The masters of the consoles' ptys. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "io.h"
#include "monitor.h"
#include "protocol.h"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

/* A pty holds some KiB; this bounds what a broken one could say after init's end. */
#define DRAIN_READS 64
/* As much as the kernel holds of what a terminal said. */
#define BURST (16 * CHUNK)
/* What was typed and not read for so long is told. */
#define UNREAD_MS 2000

static uint32_t wanted_events(const struct console *c)
{
	return c->full ? EPOLLIN | EPOLLOUT : EPOLLIN;
}

void console_open(int index)
{
	struct console *c = &monitor.consoles[index];

	c->slave = -1;
	c->reopened_ms = -RETRY_MS;
	watch(EPOLL_CTL_ADD, c->master, EPOLLIN, EVENT_CONSOLE, index);
}

/* The last process that had the other end open has closed it (or getty hung it up by vhangup(2)). For a console that is not the
 * end: the next getty opens it again. But until then read(2) gives EIO and epoll reports EPOLLHUP without end, so the monitor
 * holds the other end open itself. Should that not help, the console is left alone for a while. */
static void hang_up(int index)
{
	struct console *c = &monitor.consoles[index];
	int64_t now = monotonic_ms();

	if (c->slave >= 0)
		close(c->slave);
	c->slave = -1;
	if (now - c->reopened_ms >= RETRY_MS) {
		c->reopened_ms = now;
		c->slave = ioctl(c->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (c->slave >= 0)
			return;
		/* A pipe: nobody can open its other end again. */
		if (errno == ENOTTY) {
			watch(EPOLL_CTL_DEL, c->master, 0, EVENT_CONSOLE, index);
			return;
		}
	}
	watch(EPOLL_CTL_DEL, c->master, 0, EVENT_CONSOLE, index);
	c->reopened_ms = now;
	c->hung_up = true;
	monitor.retry = true;
}

/* What there is, as far as BURST: a terminal gives 4 KiB at a time, and a read that finds nothing makes the kernel look for more, so
 * one after the other is much faster than to wait for each. False with errno when there is nothing. */
static bool read_console(int index)
{
	static uint8_t burst[BURST];
	size_t size = 0;
	ssize_t n;

	do {
		n = read(monitor.consoles[index].master, burst + size, sizeof burst - size);
		size += n > 0 ? (size_t)n : 0;
	} while (n > 0 && size < sizeof burst);
	if (n == 0)
		errno = EIO;
	if (!size)
		return false;
	log_append(index, burst, size);
	for (size_t at = 0; at < size; at += CHUNK)
		clients_output(index, burst + at, size - at < CHUNK ? size - at : CHUNK);
	return true;
}

void console_event(int index, uint32_t events)
{
	struct console *c = &monitor.consoles[index];

	if (events & EPOLLOUT && c->full) {
		c->full = false;
		watch(EPOLL_CTL_MOD, c->master, wanted_events(c), EVENT_CONSOLE, index);
		clients_resume(index);
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !read_console(index) && errno != EAGAIN && errno != EINTR)
		hang_up(index);
}

size_t console_write(int index, const uint8_t *bytes, size_t size)
{
	struct console *c = &monitor.consoles[index];
	ssize_t n = write(c->master, bytes, size);

	/* Anything else than "full": nobody will ever read it. */
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return size;
	if (n < 0)
		n = 0;
	if ((size_t)n < size && !c->full) {
		c->full = true;
		if (!c->hung_up)
			watch(EPOLL_CTL_MOD, c->master, wanted_events(c), EVENT_CONSOLE, index);
	}
	return (size_t)n;
}

void console_resize(int index, uint16_t rows, uint16_t columns, bool redraw)
{
	int master = monitor.consoles[index].master;
	struct winsize now, size = { .ws_row = rows, .ws_col = columns };

	if (!rows || !columns)
		return;
	/* The kernel sends SIGWINCH only for a size that differs: a full-screen program draws itself for a new viewer when it does. */
	if (redraw && ioctl(master, TIOCGWINSZ, &now) == 0 && now.ws_row == rows && now.ws_col == columns) {
		struct winsize other = { .ws_row = rows, .ws_col = (unsigned short)(columns > 1 ? columns - 1 : 2) };

		ioctl(master, TIOCSWINSZ, &other);
	}
	ioctl(master, TIOCSWINSZ, &size);
}

void console_redraw(int index)
{
	struct winsize now;

	if (ioctl(monitor.consoles[index].master, TIOCGWINSZ, &now) == 0)
		console_resize(index, now.ws_row, now.ws_col, true);
}

static int open_slave(int index)
{
	return ioctl(monitor.consoles[index].master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/* The master hangs up when the last who has the other end closes it: so it is opened and closed. Who holds it for us holds it again
 * when that has been noticed (hang_up). */
int console_look(int index)
{
	struct console *c = &monitor.consoles[index];
	struct pollfd polled = { .fd = c->master };
	int slave = open_slave(index);

	if (slave < 0)
		return errno == ENOTTY ? UNREAD_NO_TERMINAL : UNREAD_NOT;
	close(slave);
	if (c->slave >= 0)
		close(c->slave);
	c->slave = -1;
	return poll(&polled, 1, 0) == 1 && polled.revents & POLLHUP ? UNREAD_CLOSED : UNREAD_NOT;
}

void console_typed(int index)
{
	struct console *c = &monitor.consoles[index];

	if (!c->typed_ms)
		c->typed_ms = monotonic_ms();
	monitor.retry = true;
}

/* Lines that were typed and lie there: in canonical mode nothing else counts as there to be read. */
static void look_at_typed(int index)
{
	int slave = open_slave(index), waiting = 0;

	monitor.consoles[index].typed_ms = 0;
	if (slave < 0)
		return;
	if (ioctl(slave, FIONREAD, &waiting) == 0 && waiting > 0)
		clients_unread(index, UNREAD_INPUT);
	close(slave);
}

bool consoles_retry(void)
{
	bool others = false;

	for (int i = 0; i < monitor.console_count; i++) {
		struct console *c = &monitor.consoles[i];

		if (c->typed_ms && monotonic_ms() - c->typed_ms >= UNREAD_MS)
			look_at_typed(i);
		others |= c->typed_ms != 0;
		if (!c->hung_up)
			continue;
		if (monotonic_ms() - c->reopened_ms < RETRY_MS) {
			others = true;
			continue;
		}
		c->hung_up = false;
		watch(EPOLL_CTL_ADD, c->master, wanted_events(c), EVENT_CONSOLE, i);
	}
	return others;
}

void consoles_drain(void)
{
	for (int i = 0; i < monitor.console_count; i++)
		for (int reads = 0; reads < DRAIN_READS && read_console(i); reads++)
			;
}
