/* Bytes between the caller's stdin, stdout and stderr and a process in the container. */
#ifndef CTR_RELAY_H
#define CTR_RELAY_H

#include <stdbool.h>

/* What the waiter (enter-child.c) says when the process has ended. */
struct ending {
	int status; /* as of wait(2) */
};

struct relay {
	int waiter;   /* socket: signal numbers go there (one byte each), one struct ending comes back */
	int terminal; /* the master of its pty, or -1: pipes */
	int in, out, err; /* without a pty: our ends of its pipes; `in` does not block */
	bool boots;    /* it is a system: who ends us asks it to end first, and ^] three times within a second kills it */
	bool no_stdin; /* give it an empty stdin */
	bool has_control;
	int control; /* with has_control: records of CONTROL_SIZE bytes from a program */
	bool (*is_stuck)(void); /* NULL, or whether nobody behind the waiter can hear a signal now */
};

/* A record of `control`: what (u8), two numbers (u16, little endian). 'w': rows, columns of its terminal; 's': a signal for it, 0. */
#define CONTROL_SIZE 5

/* Runs until the process has ended and what it said has been passed on. Returns its wait status. */
int run_relay(struct relay *relay);

#endif
