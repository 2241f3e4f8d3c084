#ifndef BARE_CALLS_H
#define BARE_CALLS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define MAX_GROUPS 16
#define MAX_MOUNTS 32

/* A negative result of any call ends the program with the line it stands on. */
#define MUST(call) must((long)(call), #call, __FILE__, __LINE__)

struct options {
	const char *root, *first_id, *program;
	const char *made[MAX_GROUPS];
	int tasks[MAX_GROUPS];
	int made_count, task_count, into;
	struct sock_fprog filter;
	struct {
		const char *source; /* NULL: a tmpfs with these options */
		const char *target, *options;
	} mounts[MAX_MOUNTS];
	int mount_count;
};

static inline long must(long result, const char *call, const char *file, int line)
{
	if (result < 0) {
		fprintf(stderr, "%s:%d: %s: %s\n", file, line, call, strerror(errno));
		_exit(99);
	}
	return result;
}

/* Builds the new root of this init and pivots into it. */
void build_root(const struct options *o, pid_t init);

#endif
