/* `ctr events`: what happens to containers, as lines. Told by the kernel (inotify, eventfd, pidfds): nothing is looked at again and
 * again, and nothing of Node runs. */
#ifndef CTR_EVENTS_H
#define CTR_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "front.h"
#include "state.h"

/* What is known of one container; an event is a difference from it. */
struct seen {
	char name[65];
	int run_dir, state_dir, freezer, memory; /* inotify watches, -1 for none */
	int oom;				 /* v1: an eventfd of its memory group, -1 for none */
	int monitor;				 /* its pidfd, -1 for none */
	char memory_file[512];			 /* the file that counts kills, "" for none */
	char freezer_file[384];
	bool defined, up, ended, frozen, oom_told;
	uint64_t definition; /* which file it is */
	uint64_t since_ms;
	unsigned generation;
	int init;
	uint64_t kills;
	int oom_looks; /* the kernel has said "out of memory" and not yet counted: so often it is looked at again */
};

/* events-tell.c: a line on stdout. detail is for people; fields, JSON that begins with a comma, for programs. The program ends
 * when nobody reads. */
void tell_event(const struct seen *c, const char *event, uint64_t time_ms, const char *detail, const char *fields);
extern bool events_json;
void tell_start(const struct seen *c, const struct run_state *state, bool again);
/* From the text of an exit record. */
void tell_exit(const struct seen *c, const char *record);
void tell_oom(const struct seen *c, uint64_t time_ms);

/* events-look.c: what of it is different now, and told. silent: only remember. */
struct watcher {
	struct place place;
	int inotify, runs, states; /* the last two: watches of the two directories of all */
	char boot[64];
	char **patterns;
	int pattern_count;
	bool silent;
	struct seen **all;
	size_t count;
};
void look_at_definition(struct watcher *w, struct seen *c);
void look_at_run(struct watcher *w, struct seen *c);
void look_at_freezer(struct watcher *w, struct seen *c);
/* Whether the kernel has counted another kill. */
bool look_at_kills(struct watcher *w, struct seen *c);

/* events-watch.c: watches of a run; they go with it. */
void watch_run(struct watcher *w, struct seen *c, const struct run_state *state, int dirfd);
void unwatch_run(struct watcher *w, struct seen *c);

#endif
