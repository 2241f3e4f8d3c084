/* vshd: the server of ChromeOS's shell over vsock. One process listens, one serves each session. */
#ifndef CTR_VSHD_H
#define CTR_VSHD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "relay.h"
#include "vsh-buffer.h"

/* Exit status when it cannot listen or dial. */
#define VSH_NOT_SERVED 1
#define MAX_ALLOWED 32

struct allowed {
	uint32_t ids[MAX_ALLOWED];
	int count;
	bool any;
};

struct vshd_options {
	uint32_t port;	  /* vsock */
	const char *path; /* of a unix socket, or NULL */
	uint32_t host_port; /* dial this one, or 0 */
	const char *default_user;
	bool switches_user, inherits_env, logs_to_kernel;
	struct allowed cids, uids;
};

/* vshd.c */
extern struct vshd_options vshd;
void open_log(void);
void vshd_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* vshd-listen.c: accepts until a signal ends it; the exit status. */
int serve_all(void);

/* vshd-peer.c: NULL, or why this one may have no session. `who` becomes what the log calls it. */
const char *check_peer(int socket, char *who, size_t size);

/* What a session is about: a process, and our ends of its streams. */
struct target {
	struct relay relay; /* terminal, or in, out and err; waiter: with a container */
	pid_t pid;	    /* as the client is told */
	pid_t child;	    /* of the machine, which is to be waited for; 0 with a container */
	int pidfd;	    /* of the child */
};

/* vshd-session.c: from the connection to its end. */
_Noreturn void serve_session(int socket);
/* Tells the client why there is no session (status 0), or no program in it: 126 or 127, as if a shell had said so. Ends the process. */
_Noreturn void end_session(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* vshd-machine.c: the program in this machine; vshd-container.c: in a container of it. Neither returns when it cannot be run. */
void open_machine(const struct vsh_setup *setup, struct target *target);
void open_container_of(const struct vsh_setup *setup, struct target *target);
/* What there is to say about an end by this wait status; "" for nothing. */
const char *explain_end(int status);

/* vshd-machine-child.c */
struct machine_program {
	const struct vsh_setup *setup;
	const char *home, *shell;
	char **envp;
	bool changes_user;
	uid_t uid;
	gid_t gid;
	const gid_t *groups;
	int ngroups;
	int stdio[3], report; /* report: a struct refusal, or its end when exec has succeeded */
};
_Noreturn void become_machine_program(const struct machine_program *p);

/* vshd-target.c: what the loop does to a target. */
void target_signal(const struct target *t, int number);
void target_size(const struct target *t, int32_t rows, int32_t cols);
/* True once it has ended, with its wait status. */
bool target_ended(const struct target *t, int *status);
/* The client is gone. */
void target_hang_up(struct target *t);

/* vshd-loop.c: carries bytes until the program has ended or the client has gone. */
void run_session(int socket, struct vsh_reader *reader, struct target *target);

#endif
