/* A process that is about to enter a running container. */
#ifndef CTR_ENTER_H
#define CTR_ENTER_H

#include <stdbool.h>

#include "credentials.h"
#include "passwd.h"
#include "plan.h"
#include "running.h"

/* Exit status of whatever went wrong before the process ran. */
#define ENTER_FAILED 125
#define MAX_EXTRA 1024

/* What was asked for (enter-options.c). */
struct enter_options {
	const char *dir, *user, *cwd;
	char **command;         /* NULL: none */
	char *extra[MAX_EXTRA]; /* values of -e */
	int extra_count;
	bool terminal, no_terminal, no_stdin;
	bool detach;  /* goes on when this process has ended */
	bool at_home; /* without a directory a command, too, begins at home */
	bool control; /* the library's words come on CONTROL_IN */
	unsigned without; /* WITHOUT_*: what of init's confinement it is to lack */
};

enum { WITHOUT_CAPABILITIES = 1, WITHOUT_SECCOMP = 2, WITHOUT_LABEL = 4 };

/* Where `--control` is listened to (relay.h). */
#define CONTROL_IN 3

/* Everything the new process needs; complete before the first fork, after which nothing is allocated. */
struct entering {
	struct running container;
	struct plan plan;
	int procfs; /* of the host, where the plan has a label to write there; else -1 */
	int root; /* O_PATH descriptor of the container's root */

	struct credentials credentials;
	struct user user;
	char **argv; /* NULL: the user's login shell */
	char **envp;
	const char *search_path; /* PATH of envp */
	const char *cwd;
	bool cwd_is_home; /* nobody asked for it: "/" will do when it is not there */

	bool terminal;
	bool detached; /* the waiter goes on without the command */
	unsigned without; /* WITHOUT_* */
	int stdio[3]; /* its 0 to 2 */
	int report;   /* socket: a struct refusal, or nothing but the end when exec succeeded */
	int control;  /* socket of the waiter */
};

/* Why it could not be run. */
struct refusal {
	int status; /* exit status for the caller: 125, 126 or 127 */
	int err;    /* errno, or 0 */
	char what[384];
};

/* enter-options.c: reads and checks the command line; does not return when it is wrong. */
void read_enter_options(struct enter_options *o, int argc, char **argv);

/* enter-env.c: sets envp and search_path, and wipes this process's own environment. extra: the NAME=value of -e. NULL, or what is
 * wrong. */
const char *build_environment(struct entering *e, char *const *extra, int extra_count);

/* enter-cgroup.c: a child of this process (as fork(2)) in the container's v2 group; -1 with errno. */
pid_t fork_into_cgroups(const struct entering *e);

/* This process joins the v1 groups; NULL, or the group that refused, with errno. */
const char *join_v1_groups(const struct plan *plan);

struct relay;

/* enter.c: the process of these options in the container of o->dir, up to its exec. The relay gets our ends of its streams. Returns the
 * waiter, which is to be reaped when its socket (relay->waiter) has said how the process has ended; does not return when it cannot be
 * run. argv: that of main, which a sealed copy of this program goes on with. */
pid_t start_entering(const struct enter_options *o, char **argv, struct relay *relay);

/* enter.c: the end of this process, for a reason. err 0: no call has refused. */
_Noreturn void end_entering(int status, int err, const char *format, ...) __attribute__((format(printf, 3, 4)));
_Noreturn void refuse_enter(const char *reason);
_Noreturn void fail_enter(const char *call);
/* Who is told instead of stderr, and ends this process; NULL: nobody. status: 125, 126 or 127 */
extern void (*entering_refused)(int status, const char *reason);

/* enter-stdio.c: its 0 to 2, and our ends of them. */
void open_stdio(struct entering *e, struct relay *relay);

/* enter-pty.c: a pty of the container's own devpts, for its user; the master, -1 with errno and what failed. */
int open_container_pty(const struct entering *e, int *slave, const char **call);

/* enter-child.c: joins the namespaces, starts the process there, waits for it. */
_Noreturn void run_waiter(struct entering *e);

/* The child's refusal; `what` fills the format's one %s. */
_Noreturn void give_up(int status, int err, const char *format, const char *what);

/* enter-exec.c */
_Noreturn void exec_entering(const struct entering *e);

/* sealed.c: goes on from a copy of this program that nobody can write to. argv is that of main. -1 with errno. */
int run_sealed(char **argv);
/* The same for a program that enters and is not clone-helper. argv NULL: it must be such a copy already. */
int run_sealed_as(const char *program, char **argv);

#endif
