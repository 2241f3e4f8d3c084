/* What the files of the hooks share. */
#ifndef CTR_HOOK_PARTS_H
#define CTR_HOOK_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "hooks.h"

#define MAX_WORDS 256

/* Arguments, or an environment, as execve(2) takes them. */
struct words {
	int count;
	const char *list[MAX_WORDS + 1];
	size_t used;
	char made[2048]; /* those that are put together here */
};

/* A hook that runs. */
struct running_hook {
	pid_t pid;
	int pidfd, output; /* output: -1 when it is not ours to read */
	size_t kept;
	char last[128]; /* the line it said last */
	size_t last_length;
};

/* hook-words.c */
void make_words(const struct hook_context *context, const struct op *op, struct words *argv, struct words *envp);
/* Its stdin: OCI's state, or the null device. -1 with errno. */
int open_hook_stdin(const struct hook_context *context, const struct op *op);

/* hook-wait.c: waits for its end and reaps it; 0, or -1 with `failure` when it failed. log: -1 or where its output is kept. */
int await_hook(const struct op *op, struct running_hook *hook, int log);

#endif
