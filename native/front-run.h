/* The command line of `ctr run`. */
#ifndef CTR_FRONT_RUN_H
#define CTR_FRONT_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define MAX_WORDS 1024
#define MAX_VARIABLES 400

struct words {
	char *plan[MAX_WORDS + 1]; /* --name=value, for the compiler */
	int count;
	char *env[MAX_VARIABLES + 1];
	int env_count;
	const char *workdir, *name;
	int64_t timeout_ms;
	bool tty, no_tty, report;
	bool boot, ephemeral;
	const char *rootfs;
	pid_t parent;
	char **command; /* NULL at its end; of a boot the arguments of init */
	char *words;	/* all of the command line, in place */
	size_t words_size;
};

/* The first word that is no option begins the command. False: the Node CLI has to say what is wrong. */
bool read_words(struct words *w, int argc, char **argv);
/* It has a terminal: before what the command line says of it. */
void add_terminal(struct words *w);
/* A boot has no command: the compiler is told the arguments and the environment of init. */
void add_boot(struct words *w);

struct problem;
/* front-run-tree.c: takes the tree that is booted for as long as this process lives. -1 with `p`. */
int lock_tree(const struct words *w, struct problem *p);

#endif
