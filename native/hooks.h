/* Hooks: programs of a configuration that run at points of the container's life. */
#ifndef CTR_HOOKS_H
#define CTR_HOOKS_H

#include <stdbool.h>

#include "credentials.h"
#include "plan.h"

/* What hooks are told. */
struct hook_context {
	const struct plan *plan;
	const char *dir;    /* the run directory */
	pid_t pid;	    /* of init as the host sees it; 0: there is none */
	const char *status; /* OCI's word: creating, created, running, stopped */
	const char *target; /* LXC's: stop or reboot; NULL: not said */
	const int *namespaces; /* of a container that has ended: NAMESPACE_REFERENCES descriptors, or NULL */
	int log;	    /* where what they say is kept, or -1 */
};

/* Of what lxc.container.conf(5) says that stop hooks get: user, mnt, pid, uts, ipc, net, cgroup. */
#define NAMESPACE_REFERENCES 7

bool has_hooks(const struct plan *plan, const char *when);

/* A descriptor of the log of the hooks in the directory of the logs; -1 without hooks, or when it cannot be opened. fresh: what an
 * earlier start left goes. */
int open_hook_log(const struct plan *plan, bool fresh);

/* Runs the hooks of that point, in order, as host programs. -1 with `failure` at the first that fails. */
int run_hooks(const struct hook_context *context, const char *when);

/* The same, but each; of those that fail the user is warned. */
void run_hooks_anyway(const struct hook_context *context, const char *when);

/* Inside, by init: the `start` hooks, as root of the container with its capabilities and filter. -1 with `failure`. */
int run_inside_hooks(const struct plan *plan, const struct credentials *credentials);

/* hook-namespaces.c: keeps what stop hooks are told of, in places that exec leaves alone, and finds it there. */
void keep_namespaces(const struct plan *plan, pid_t init);
bool find_namespaces(int *references);
void forget_namespaces(void);
const char *namespace_reference_name(int index);

#endif
