/* One command in a container of its own, in the foreground: from its plan in a run directory to the exit status, with nothing left. */
#ifndef CTR_RUN_H
#define CTR_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "container.h"

/* ctr itself failed. */
#define RUN_FAILED 125
#define RUN_TIMED_OUT 124

struct run_request {
	const char *dir; /* run directory, absolute, with `plan` */
	int dirfd;
	int lock;	   /* the container's lock: let go of once the container runs; or -1 */
	struct command command; /* stdio is filled in */
	int64_t timeout_ms; /* -1: none */
	bool boots;	    /* the plan's own init, not the command */
	bool report;	    /* one line of JSON on descriptor 3; SIGTERM and the end of `parent` mean "kill all" */
	pid_t parent;
};

/* What a container has used; -1 where this host does not count. */
struct usage {
	int64_t cpu_us, peak_memory, memory_limit;
	bool oom; /* the kernel has killed a process of it for its memory limit */
};

/* run-boot.c: how an init that was booted has ended. */
enum boot_end { BOOT_EXITED, BOOT_POWERED_OFF, BOOT_REBOOTS };
enum boot_end boot_end_of(int status);
/* What such an init is sent for a signal of ours. */
int boot_signal(const struct container *c, int number);

/* Of an init that wants to be started again. */
#define RUN_REBOOTS (-2)

/* The exit status: the command's, 128+n, 124, 126 or 127; 125 with what went wrong on stderr; or RUN_REBOOTS. Leaves only the lock in the directory. */
int run_container(const struct run_request *request);

/* run-usage.c: of the plan's cgroups, as long as they are there. */
void read_usage(const struct plan *plan, struct usage *usage);

/* run-relay.c: descriptors 0 to 2 as they may be given to the command: a terminal of the caller's never is, pipes stand for it. -1 with
 * `failure`. */
struct run_stdio {
	bool direct; /* the caller's own */
	int in, out, err; /* our ends of pipes */
};
int open_run_stdio(struct run_stdio *stdio, struct container *c, struct command *command);
void close_given_stdio(const struct run_stdio *stdio, const struct command *command);

/* Passes bytes and signals on until init has ended, or time is over. The signal that made us give up, or 0. */
int relay_run(const struct run_stdio *stdio, const struct container *c, int64_t deadline);

#endif
