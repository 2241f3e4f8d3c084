/* A start in progress: what its steps share. */
#ifndef CTR_CONTAINER_H
#define CTR_CONTAINER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "plan.h"

#define MAX_CONSOLES 16
#define MAX_HIERARCHIES 16
#define MAX_DEVICES 128

/* A device of the host that the plan names by its source. */
struct device {
	dev_t number;
	bool block;
	int loop; /* the loop device that was made for it, or -1: it goes with its last descriptor */
};

struct container {
	struct plan plan;
	const char *dir; /* the run directory, absolute */
	int dirfd;
	uint64_t clone_flags;
	uid_t root_uid; /* host ids of root inside */
	gid_t root_gid;
	bool userns;

	/* cgroups that init joins */
	int v1_tasks[MAX_HIERARCHIES]; /* their `tasks` files, open for writing */
	int v1_count;
	int v2_dir;     /* the v2 group, or -1 */
	bool v2_joined; /* clone3 has put init into it */

	pid_t init;
	int init_pidfd;
	int sync; /* this side of the socket pair between the starter and init */

	int host_mntns, host_netns, host_pidns;
	int root; /* the new root's mount */
	bool root_read_only; /* once everything is mounted */
	int scratch; /* a tmpfs for nodes that are bound elsewhere, on top of the root until the pivot; or -1 */
	bool done; /* the last step was; OPT_ELSE asks */
	int empty_dir; /* an attached read-only empty directory, or -1 before the first mask of a directory */
	int consoles[MAX_CONSOLES];
	int console_count;
	struct device devices[MAX_DEVICES]; /* in plan order */
	int device_count;
};

/* Messages on the socket pair; each is one of these, followed by a struct failure for 'f'. */
enum sync_message {
	SYNC_MAPPED = 'm',  /* starter: the id maps are written */
	SYNC_ROOTED = 'r',  /* starter: the root is in place */
	SYNC_EXEC = 'x',    /* init: everything is done, exec comes next */
	SYNC_FAILED = 'f',  /* init: a struct failure follows */
};

/* cgroup.c */
int make_host_objects(struct container *c, struct op *failed_at);
void open_cgroups(struct container *c);
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

/* record.c: -1 with `failure` */
int record_state(struct container *c);

/* start.c */
int start_container(struct container *c);
void close_container(struct container *c);

#endif
