/* A start in progress: what its steps share. */
#ifndef CTR_CONTAINER_H
#define CTR_CONTAINER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "plan.h"

#define MAX_CONSOLES 16

struct container {
	struct plan plan;
	const char *dir; /* the run directory, absolute */
	int dirfd;
	uint64_t clone_flags;
	uid_t root_uid; /* host ids of root inside */
	gid_t root_gid;
	bool userns;

	int v2_dir;     /* the v2 group, or -1 */
	bool v2_joined; /* clone3 has put init into it */

	pid_t init;
	int init_pidfd;
	bool settled; /* init has said SYNC_SETTLED */
	int sync; /* this side of the socket pair between the starter and init */

	int host_mntns, host_netns, host_pidns;
	int outer_mntns; /* held until the monitor's exec */
	int root; /* the new root's mount */
	int empty_dir; /* an attached read-only empty directory, or -1 before the first mask of a directory */
	int consoles[MAX_CONSOLES];
	int console_count;
};

/* cgroup.c: the host phase in two parts. The first ends with the v2 group, which init is cloned into; what is left is made while init
 * makes its network namespace. *at is the operation reached, or failed at. */
int make_v2_group(struct container *c, struct op *at);
int make_host_objects(struct container *c, struct op *at);
void undo_host_objects(const struct plan *plan, const char *dir, const struct op *upto);
int lock_host(const char *dir);

/* idmap.c */
int write_id_maps(const struct container *c);

/* links.c: link phase */
int make_links(struct container *c);

/* root.c */
int build_root(struct container *c);

/* init.c: runs in the container's init; returns only when something failed */
void run_init(struct container *c);

/* record.c: -1 with `failure`. What is prepared is seen by nobody until it is published. */
int prepare_state(struct container *c);
int publish_state(struct container *c);

/* start.c */
int start_container(struct container *c);
void close_container(struct container *c);

#endif
