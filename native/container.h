/* A start in progress: what its steps share. */
#ifndef CTR_CONTAINER_H
#define CTR_CONTAINER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "plan.h"

#define MAX_PORTS 256
#define MAX_CONSOLES 16
/* Of the host, that lead into one container. */
#define MAX_PORTS 256
#define MAX_DEVICES 128

/* A device of the host that the plan names by its source. */
struct device {
	dev_t number;
	bool block;
	int loop; /* the loop device that was made for it, or -1: it goes with its last descriptor */
};
/* net, ipc, uts, pid, cgroup, time */
#define NAMESPACE_KINDS 6

struct credentials;

/* What a run adds to its plan: who runs it says so, not a definition. */
struct command {
	char **argv;	/* program and arguments */
	char **env;	/* NAME=value, after those of the plan */
	int env_count;
	const char *cwd; /* NULL: the plan's */
	int stdio[3];	/* its 0 to 2; -1: the console */
	char *words;	/* the command line of this process, in place: nothing for the container to read */
	size_t words_size;
};

struct container {
	struct plan plan;
	const struct command *command; /* of a plan with OP_RUN, else NULL */
	const char *dir; /* the run directory, absolute */
	int dirfd;
	uint64_t clone_flags;
	uid_t root_uid; /* host ids of root inside */
	gid_t root_gid;
	bool userns;
	bool first_stage; /* the starter is root of a user namespace of its own: namespaces of the host take it no more */

	struct op host_at; /* the operation of the host phase that was reached, or failed at */
	bool host_done;	   /* all of them are done */
	bool beside;	   /* the process that has forked the starter is at those behind the v2 group, */
	int host_word;	   /* and says here how it went: a struct failure, of zeros when it went well; or -1 */

	int v2_dir;     /* the v2 group, or -1 */
	bool v2_joined; /* clone3 has put init into it */

	pid_t init;
	int init_pidfd;
	bool networked, settled; /* init has said SYNC_NETWORKED, SYNC_SETTLED */
	int sync, sync_of_init; /* the socket pair between the starter and init; of each the own side is open */

	int host_mntns, host_netns;
	int outer_mntns; /* held until the monitor's exec */
	int root; /* the new root's mount */
	bool root_read_only; /* once everything is mounted */
	int scratch; /* a tmpfs for nodes that are bound elsewhere, on top of the root until the pivot; or -1 */
	bool done; /* the last step was; OPT_ELSE asks */
	uint64_t joined;	       /* CLONE_* of namespaces that init shares with somebody */
	int way_back[NAMESPACE_KINDS]; /* the starter's own, while it is in those */
	int procfs;   /* the host's, for what init writes there, or -1 */
	int reaper;   /* program of the small init, or -1 */
	bool reaps_here; /* the process that was cloned is the small init itself, without an exec */
	bool filtered; /* the filters are in force already */
	int reaper_gate; /* ends when PID 1 is what it is to be, or -1 */
	int output;   /* init's end of the pipe that stands for its terminal, or -1 */
	int hook_log; /* or -1 */
	int notify;   /* the socket for READY=1, or -1 */
	pid_t network; /* the program that connects its network, or 0 */
	int network_ready, network_output; /* while it is waited for, or -1 */
	int network_alive; /* held as long as it is needed, or -1 */

	int ports[MAX_PORTS]; /* sockets that keep others from ports of the host */
	int port_count;

	int null_dev;  /* the null device that files are masked by, or -1 before the first */
	int empty_dir; /* an attached read-only empty directory, or -1 before the first mask of a directory */
	int consoles[MAX_CONSOLES];
	int console_count;
	struct device devices[MAX_DEVICES]; /* in plan order */
	int device_count;
};

/* cgroup.c: the host phase in two parts. The first ends with the v2 group, which init is cloned into; nothing but init, when it joins
 * its groups, waits for the rest. */
int make_v2_group(struct container *c);
int make_host_objects(struct container *c);

/* Steps over what make_v2_group() makes. */
void pass_v2_group(struct container *c);

/* host-beside.c: the rest of the host phase by the process that forks the starter. Before the fork, `beside` of a container of zeros with
 * its plan says whether it is; *word is what it then gives to make_beside() after the fork. */
void open_beside(struct container *c, int *word);
void make_beside(struct container *c, int word);
/* The starter: until all is made; at once when it is its own work. -1 with `failure` */
int await_host_objects(struct container *c);
/* Before init is made: who makes the groups has a word for it as well. -1 with `failure` */
int open_sync(struct container *c);

/* undo.c */
void undo_host_objects(const struct plan *plan, const char *dir, const struct op *upto);
int lock_host(const char *dir);

/* idmap.c */
int write_id_maps(const struct container *c);

/* links.c: link phase */
int make_links(struct container *c);

/* root.c */
int build_root(struct container *c);

/* start-parts.c: what only some plans ask of a start. -1 with `failure` */
int prepare_parts(struct container *c);
void close_parts(struct container *c);
int run_start_hooks(const struct container *c, const char *when, const char *status);
/* Of the container's mount namespace, when all is mounted. */
int run_mount_hooks(const struct container *c);
/* Where the root is attached: on top of "/", or where hooks find it. An O_PATH descriptor, -1 with errno. */
int open_attach_point(const struct container *c);
int do_notify(struct container *c, const struct op *op);
/* Once the container runs, or does not: what fails changes nothing any more. */
void run_late_hooks(const struct container *c, const char *when);

/* namespaces.c: into those that init shares, and back */
int join_namespaces(struct container *c);
int leave_namespaces(struct container *c);

/* reaper-role.c: with a small init this returns in its child; -1 with `failure` */
int split_reaper(struct container *c, const struct credentials *of_init);
/* Until PID 1 is what it is to be: no code of the container runs while it is still the helper (CVE-2019-5736). */
void await_reaper(struct container *c);

/* program.c: what is left when init is in its own mounts; returns only when something failed */
int become_program(struct container *c, const struct credentials *credentials);

/* command.c: the program of a run, found by its own PATH; returns only when it cannot be run, -1 with `failure` */
int exec_command(const struct command *command, char *const *envp);

/* init.c: runs in the container's init; returns only when something failed */
void run_init(struct container *c);

/* record.c: -1 with `failure`. What is prepared is seen by nobody until it is published. */
int prepare_state(struct container *c);
int publish_state(struct container *c);

/* start.c */
struct supervision;
/* s is what the monitor will need, prepared on the way; NULL: it is prepared. -1 with `failure` */
int start_container(struct container *c, struct supervision *s);
/* As start_container; an ordinary user's returns in a child, which is root of his first stage. -1 with `failure` */
int start_in_stage(struct container *c, struct supervision *s);
void close_container(struct container *c);

#endif
