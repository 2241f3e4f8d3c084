/* The masters of the consoles' ptys. */
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "io.h"
#include "monitor.h"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

/* A pty holds some KiB; this bounds what a broken one could say after init's end. */
#define DRAIN_READS 64

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

/* One chunk; false with errno when there is none. */
static bool read_console(int index)
{
	ssize_t n = read(monitor.consoles[index].master, chunk, sizeof chunk);

	if (n == 0)
		errno = EIO;
	if (n <= 0)
		return false;
	log_append(index, chunk, (size_t)n);
	clients_output(index, chunk, (size_t)n);
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

bool consoles_retry(void)
{
	bool others = false;

	for (int i = 0; i < monitor.console_count; i++) {
		struct console *c = &monitor.consoles[i];

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
