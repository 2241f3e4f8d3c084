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
	bool at_home; /* without a directory, a command too begins at home */
};

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

struct relay;

/* enter.c: starts it, with our ends in `relay`; the waiter. Whatever is wrong is told as entering_refused says, and ends this process.
 * main_argv: that of main; NULL where main has seen to it that this program is a sealed copy. */
pid_t start_entering(const struct enter_options *o, char **main_argv, struct relay *relay);

/* Who is told why not; does not return. NULL: the reason goes to stderr, and `status` (125, 126 or 127) is the exit status. */
extern void (*entering_refused)(int status, const char *reason);

/* enter-options.c: reads and checks the command line; does not return when it is wrong. */
void read_enter_options(struct enter_options *o, int argc, char **argv);

/* enter-env.c: sets envp and search_path, and wipes this process's own environment. extra: the NAME=value of -e. NULL, or what is
 * wrong. */
const char *build_environment(struct entering *e, char *const *extra, int extra_count);

/* enter-cgroup.c: a child of this process (as fork(2)) in the container's v2 group; -1 with errno. */
pid_t fork_into_cgroups(const struct entering *e);

/* This process joins the v1 groups; NULL, or the group that refused, with errno. */
const char *join_v1_groups(const struct plan *plan);

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
/* The same for a program that enters and is not clone-helper. */
int run_sealed_as(const char *program, char **argv);

#endif
