/* The caller's terminal: raw while something inside is attached to it, as it was before on every way out. */
#ifndef CTR_TERMINAL_H
#define CTR_TERMINAL_H

#include <stdbool.h>
#include <termios.h>
#include <sys/ioctl.h>

/* Makes stdin (and stdout, where it is a terminal) raw; nothing when stdin is none. Registers terminal_restore() with exit(3),
 * and leaves a process behind that restores the terminal should this one be killed. */
void terminal_raw(void);

/* Back to the modes found by terminal_raw(). What was typed and not read goes: it may be a program's answer to a query of the
 * container's, and would be read by the caller's shell. */
void terminal_restore(void);

/* Stops this process as the terminal's suspend key would, with the terminal restored meanwhile. */
void terminal_suspend(void);

/* Switches off what a full-screen program may have left on: alternate screen, mouse reports, bracketed paste, hidden cursor. */
void terminal_reset_modes(void);

/* Size of the terminal in use: of stdout, stderr, stdin, /dev/tty, else by LINES and COLUMNS, else 24 × 80. */
struct winsize terminal_size(void);

/* Reads LINES and COLUMNS before the environment goes. decides: they are the size, whatever terminal there is. */
void terminal_read_environment(bool decides);

/* Gives another terminal this one's keys and size, before its program looks at either. */
void terminal_copy(int slave);

#endif
