/* The `state` file of the run directory, and processes named by pid and start time (a pid alone may be reused). */
#ifndef CTR_STATE_H
#define CTR_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct run_state {
	pid_t init, monitor;
	unsigned long long init_start, monitor_start; /* field 22 of /proc/PID/stat */
	unsigned long long monitor_inode;	       /* of its pidfd; 0 where the kernel has none */
	char boot[64];
	int consoles;
	uint64_t since_ms;
	unsigned generation;
	char freezer[384]; /* the file that tells whether it is frozen: freezer.state (v1) or cgroup.events (v2); "" for none */
};

/* Reads `state` below dirfd; -1 with errno when it is missing or cannot be understood. */
int read_run_state(int dirfd, struct run_state *state);

/* The same from the text of the file. */
int parse_run_state(const char *text, struct run_state *state);

/* Writes it anew under another name, which publish_run_state() takes for the real one; -1 with errno. */
int write_run_state(int dirfd, const struct run_state *state);
int publish_run_state(int dirfd);

/* Start time of a process, 0 when there is none. */
unsigned long long process_start(pid_t pid);

/* True when that very process still exists (it may be a zombie). */
bool process_matches(pid_t pid, unsigned long long start);

/* A pidfd of that very process, or -1 with ESRCH. */
int open_process(pid_t pid, unsigned long long start);

/* Inode number of a process that lives, in this boot nobody else's; 0 where the kernel has none. */
unsigned long long process_inode(pid_t pid);

/* A pidfd of the monitor, or -1 with ESRCH. */
int open_monitor(const struct run_state *state);

/* Reads /proc/sys/kernel/random/boot_id without its newline. */
int read_boot_id(char *text, size_t size);

/* Waits for the end of the process behind a pidfd; false when it outlived the time. */
bool wait_process(int pidfd, int timeout_ms);

#endif
