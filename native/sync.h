/* Between the starter and init, from clone to exec. */
#ifndef CTR_SYNC_H
#define CTR_SYNC_H

#include "container.h"

/* Messages on the socket pair; each is one of these, followed by a struct failure for 'f'. */
enum sync_message {
	SYNC_MAPPED = 'm',  /* starter: the id maps are written */
	SYNC_GROUPED = 'c', /* starter, or who makes them beside it: the cgroups are made; before or after the maps */
	SYNC_NETWORKED = 'n', /* init: it has its network namespace */
	SYNC_SETTLED = 's', /* init: it is in its cgroups */
	SYNC_ROOTED = 'r',  /* starter: the root is in place */
	SYNC_READY = 'y',   /* init: only exec is left, and hooks of the host are to run before it */
	SYNC_GO = 'g',	    /* starter: they have */
	SYNC_EXEC = 'x',    /* init: everything is done, exec comes next */
	SYNC_FAILED = 'f',  /* init: a struct failure follows */
};

/* Each gives -1 with `failure`, which is init's own when it has said one. */
int say_to_init(const struct container *c, enum sync_message word);
/* Before anything that needs init's network namespace. */
int await_networked(struct container *c);
/* Before anything that takes the host's root from init, or needs its groups. */
int await_settled(struct container *c);
int await_ready(const struct container *c);
int await_exec(const struct container *c);

/* init.c: init's side. What is not the expected word is the end of the starter, and of init. */
int send_message(int sync, char message);
int await_message(int sync, char message);

/* When init fails while the root is being built, its word is the cause, not our failing on something it left. Always -1. */
int prefer_word_of_init(const struct container *c);

#endif
