#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alternate-screen.h"
#include "fd.h"
#include "io.h"

static struct termios saved[2]; /* of stdin and stdout */
static bool has_saved[2];
static bool one_terminal; /* stdin and stdout are the same */
static bool is_raw;
static int watcher_pipe = -1; /* a byte says that all is well, its end that we were killed */
static pid_t watcher;

static void set_modes(int fd, int when, const struct termios *modes)
{
	while (tcsetattr(fd, when, modes) < 0 && errno == EINTR)
		;
}

/* From a background process group tcsetattr(3) stops the process by SIGTTOU, which is right for making a terminal raw; one that
 * is on its way out would never get there. */
static void restore_modes(int when)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;

	sigaction(SIGTTOU, &ignore, &old);
	if (has_saved[1] && !one_terminal)
		set_modes(1, TCSADRAIN, &saved[1]);
	set_modes(0, when, &saved[0]);
	sigaction(SIGTTOU, &old, NULL);
}

static void save_modes(void)
{
	struct stat in, out;

	for (int fd = 0; fd < 2; fd++)
		has_saved[fd] = tcgetattr(fd, &saved[fd]) == 0;
	one_terminal = has_saved[0] && has_saved[1] && fstat(0, &in) == 0 && fstat(1, &out) == 0 && in.st_rdev == out.st_rdev;
}

/* Waits for the end of its parent; nothing but SIGKILL ends it before. */
static _Noreturn void watch_parent(int from)
{
	char byte = 0;

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_IGN);
	/* It must not keep alive what its parent's death is to end: ptys, sockets, pipes. */
	dup2(from, 2);
	if (syscall(SYS_close_range, 3, ~0u, 0) < 0)
		for (int fd = 3; fd < 1024; fd++)
			close(fd);
	while (read(2, &byte, 1) < 0 && errno == EINTR)
		;
	if (byte == 0)
		restore_modes(TCSAFLUSH);
	_exit(0);
}

static void start_watcher(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	watcher = fork();
	if (watcher == 0)
		watch_parent(ends[0]);
	close(ends[0]);
	if (watcher < 0)
		close(ends[1]);
	else
		watcher_pipe = ends[1];
}

static void dismiss_watcher(void)
{
	if (watcher_pipe < 0)
		return;
	(void)!write(watcher_pipe, "k", 1);
	close(watcher_pipe);
	watcher_pipe = -1;
	while (waitpid(watcher, NULL, 0) < 0 && errno == EINTR)
		;
}

void terminal_raw(void)
{
	struct termios in;

	if (!has_saved[0]) {
		save_modes();
		if (!has_saved[0])
			return;
		atexit(terminal_restore);
		start_watcher();
	}
	in = saved[0];
	cfmakeraw(&in);
	in.c_cc[VMIN] = 1;
	in.c_cc[VTIME] = 0;
	/* With stdout redirected or another terminal, the output modes of stdin's are still the business of whoever else writes there. */
	if (!one_terminal)
		in.c_oflag = saved[0].c_oflag;
	is_raw = true;
	set_modes(0, TCSADRAIN, &in);
	if (has_saved[1] && !one_terminal) {
		struct termios out = saved[1];

		out.c_oflag &= ~(tcflag_t)OPOST;
		set_modes(1, TCSADRAIN, &out);
	}
}

void terminal_restore(void)
{
	if (is_raw)
		restore_modes(TCSAFLUSH);
	is_raw = false;
	dismiss_watcher();
}

void terminal_suspend(void)
{
	bool was_raw = is_raw;

	if (was_raw)
		restore_modes(TCSADRAIN);
	is_raw = false;
	kill(getpid(), SIGSTOP);
	if (was_raw)
		terminal_raw();
}

void terminal_reset_modes(void)
{
	static const char leave[] = "\033[?1049l", reset[] = "\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?2004l\033[?25h\033[0m";

	if (!isatty(1))
		return;
	if (alternate_screen_is_on())
		write_all(1, leave, sizeof leave - 1);
	write_all(1, reset, sizeof reset - 1);
}

static unsigned short size_from(const char *variable)
{
	const char *text = getenv(variable);
	uint64_t number;

	return text && parse_number(text, 65535, &number) ? (unsigned short)number : 0;
}

static struct winsize declared; /* by the environment */
static bool is_declared;        /* whatever terminals there are */

void terminal_read_environment(bool decides)
{
	declared.ws_row = size_from("LINES");
	declared.ws_col = size_from("COLUMNS");
	is_declared = decides && declared.ws_row && declared.ws_col;
}

struct winsize terminal_size(void)
{
	_cleanup_close_ int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	const int candidates[] = { 1, 2, 0, tty };
	struct winsize size;

	if (is_declared)
		return declared;
	for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
		if (ioctl(candidates[i], TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
			return size;
	if (!declared.ws_row && !declared.ws_col)
		terminal_read_environment(false);
	return (struct winsize){ .ws_row = declared.ws_row ? declared.ws_row : 24, .ws_col = declared.ws_col ? declared.ws_col : 80 };
}

void terminal_copy(int slave)
{
	struct winsize size = terminal_size();
	struct termios modes;

	ioctl(slave, TIOCSWINSZ, &size);
	if (tcgetattr(STDIN_FILENO, &modes) == 0 && modes.c_lflag & ICANON && modes.c_lflag & ECHO)
		tcsetattr(slave, TCSANOW, &modes);
}
