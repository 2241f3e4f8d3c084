/* The front door: `ctr`. The verbs that are called often run here, from the compiled plan; every other is the Node CLI. */
#ifndef CTR_FRONT_H
#define CTR_FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "hot_verbs.h"

#define MAX_NAMES 4096
#define DIR_SIZE 3072

/* The two roots, absolute. */
struct place {
	char state_dir[DIR_SIZE], run_dir[DIR_SIZE];
};

/* One container: its name and its directories. */
struct box {
	const char *name;
	char state_dir[DIR_SIZE + 128], run_dir[DIR_SIZE + 128];
	int dirfd; /* run_dir, once it is opened */
	int lock;  /* the container's lock, once it is held */
};

/* What could not be done, as users read it; code is one of src/errors.ts. */
struct problem {
	const char *code;
	char message[1024];
	char hint[256];
};

/* front.c */
extern bool front_report; /* tell results as JSON lines on fd 3 instead of as text: the library asks so */
int problem(struct problem *p, const char *code, const char *message, ...) __attribute__((format(printf, 3, 4)));
void tell_problem(const char *name, const struct problem *p);
void tell_done(const char *name, const char *text, const char *fields);

/* front-node.c: runs the Node CLI with a clean environment. exec never returns; run returns its exit status. */
_Noreturn void exec_node(const char *verb, char **arguments);
int run_node(const char *verb, const char *name);
int run_node_with(const char *verb, char **arguments);
bool has_node(void);

/* front-place.c */
int find_place(struct place *place, struct problem *p);
bool is_name(const char *name);
int find_box(struct box *box, const struct place *place, const char *verb, const char *name, struct problem *p);
int expand_names(char **names, int max, const struct place *place, char **patterns, int count, bool all);

/* front-lock.c: the run directory is made when missing. -1 with `p`. */
int make_private_dir(const char *path, struct problem *p);
int lock_box(struct box *box, const char *verb, struct problem *p);
void unlock_box(struct box *box);

/* front-settle.c */
enum box_state { BOX_STOPPED, BOX_RUNNING, BOX_BETWEEN, BOX_PRESERVED };
/* Looks, without a lock. BETWEEN: its monitor cleans up or starts it again. PRESERVED: it has ended, and waits to be taken away. */
enum box_state look_at_box(const struct box *box);
/* Under the lock: waits for a monitor that ends, takes away what a lost one left, and what is preserved unless it is to be started.
 * STOPPED or RUNNING, -1 with `p`. */
int settle_box(struct box *box, const char *verb, struct problem *p);

/* front-ready.c: waits until a container that was started says that it is ready; -1 when it does not: it is told, and ended. */
int await_ready_box(const struct place *place, const char *name, uint64_t timeout_ms);

/* front-compile.c: makes sure that `compiled` is the plan of the definition as it is now. cached: it was there already. */
int ensure_compiled(struct box *box, bool *cached);
int compile_box(struct box *box);
/* Brings the plans of many up to date at once. */
void compile_stale(const struct place *place, char **names, int count);

/* stop-signal.c: what asks this init to end: `configured`, else by what it is; 0 when it listens to nothing. */
int choose_stop_signal(pid_t init, int configured);

/* front-options.c: takes options and operands apart; argv[0] is the verb. False: the Node CLI has to say what is wrong. What is filled in
 * must be zero before: it is static, and writing 36 KiB of zeros would be nine page faults. */
struct front_options {
	bool all, console, force, report, json, take, watch, archive, follow_link;
	int jobs; /* 0: not given */
	long long timeout_ms; /* -1: not given */
	const char *devname, *escape;
	char *names[MAX_NAMES];
	int count;
};
/* The options of a verb (hot_verbs.h); an empty row ends them. */
const struct hot_option *hot_options_of(const char *verb);
bool read_front_options(struct front_options *o, int argc, char **argv);

/* front-slot.c: a place among the runs of this run directory, which one run has at a time: a name, host ids of its own, compiled plans. */
#define PLAN_NAME_SIZE 20
struct slot {
	char dir[DIR_SIZE + 32]; /* <run>/runs/N */
	char name[24];		 /* run-N */
	int number;
	int dirfd, lock;
};
/* The first that is free; made when there is none. -1 with `p`. */
int take_slot(struct slot *slot, const struct place *place, struct problem *p);
/* The run directory of a run waits in the slot for the next one, with its lock: on a disk to make one and to take it away would cost as
 * much as all the namespaces. Nothing happens where there is none, or one of that name is there. */
void take_spare_dir(const struct slot *slot, const struct box *box);
/* False: it is not kept. */
bool keep_spare_dir(const struct slot *slot, const struct box *box);
/* `file` becomes the name of the plan of `words` (compile-run's options) in the slot, compiled unless it is there. 0, or an exit status. */
int ensure_run_compiled(const struct slot *slot, const struct place *place, const char *name, char **words, char *file);

/* The verbs; argv[0] is the verb. */
int front_start(int argc, char **argv);
int front_stop(int argc, char **argv);
int front_suspend(int argc, char **argv);
int front_enter(int argc, char **argv);
int front_console(int argc, char **argv);
int front_cp(int argc, char **argv);
int front_wait(int argc, char **argv);
int front_run(int argc, char **argv);
int front_events(int argc, char **argv);

/* `list` with its arguments: Node prints what we have read. */
_Noreturn void front_list(char **arguments);

#endif
