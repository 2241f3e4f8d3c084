#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "events.h"
#include "fd.h"
#include "io.h"
#include "running.h"

#define PATH_SIZE (DIR_SIZE + 160)
#define RECORD_SIZE 1024

static void put_path(char *path, const char *root, const char *name, const char *file)
{
	snprintf(path, PATH_SIZE, "%s/containers/%s/%s", root, name, file);
}

/* Another content is another file: definitions are replaced by rename. */
static uint64_t identify(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return 0;
	return ((uint64_t)st.st_ino << 32) ^ (uint64_t)st.st_ctim.tv_sec ^ ((uint64_t)st.st_ctim.tv_nsec << 20) ^ 1;
}

void look_at_definition(struct watcher *w, struct seen *c)
{
	char path[PATH_SIZE];
	uint64_t now;

	put_path(path, w->place.state_dir, c->name, "definition");
	now = identify(path);
	if (now != c->definition && !w->silent)
		tell_event(c, now ? "define" : "undefine", wall_clock_ms(), "", "");
	c->definition = now;
	c->defined = now != 0;
}

/* The record of the end of that run, of this boot. */
static bool read_record(const struct watcher *w, const struct seen *c, const char *root, const char *file, char *record)
{
	char path[PATH_SIZE], since[48], boot[96];

	put_path(path, root, c->name, file);
	if (read_small_file(AT_FDCWD, path, record, RECORD_SIZE) < 0)
		return false;
	snprintf(since, sizeof since, "since %llu\n", (unsigned long long)c->since_ms);
	snprintf(boot, sizeof boot, "boot %s\n", w->boot);
	return strstr(record, since) && strstr(record, boot);
}

/* The first is replaced by the next run's, the second is kept of containers that are defined. */
static bool read_exit(const struct watcher *w, const struct seen *c, char *record)
{
	return read_record(w, c, w->place.run_dir, "exit", record) || read_record(w, c, w->place.state_dir, "last-exit", record);
}

static void look_at_exit(const struct watcher *w, struct seen *c)
{
	char record[RECORD_SIZE];

	if (c->ended || c->since_ms == 0 || !read_exit(w, c, record))
		return;
	c->ended = true;
	if (w->silent)
		return;
	/* The group has gone before it could be asked; the monitor has asked in time. */
	if (!c->oom_told && strstr(record, "reason oom\n")) {
		const char *time = strstr(record, "\ntime ");

		tell_oom(c, time ? strtoull(time + 6, NULL, 10) : wall_clock_ms());
	}
	tell_exit(c, record);
}

static void begin_run(struct watcher *w, struct seen *c, const struct run_state *state, int dirfd)
{
	bool again = c->up && state->generation > c->generation;

	c->up = true;
	c->ended = c->frozen = c->oom_told = false;
	c->since_ms = state->since_ms;
	c->generation = state->generation;
	c->init = state->init;
	c->kills = 0;
	if (!w->silent)
		tell_start(c, state, again);
	watch_run(w, c, state, dirfd);
	/* Of what has run for a while, what was before is no event. */
	if (w->silent)
		look_at_kills(w, c);
	look_at_freezer(w, c);
}

static void end_run(struct watcher *w, struct seen *c, const char *event, const char *detail)
{
	unwatch_run(w, c);
	c->up = false;
	if (!w->silent)
		tell_event(c, event, wall_clock_ms(), detail, "");
}

/* Its end without that of what it wrote is nobody's doing but a kill's. */
static bool has_lost_monitor(const struct seen *c)
{
	return c->monitor >= 0 && has_ended(c->monitor);
}

/* What the clean-up writes down later is no other end. */
static void lose_monitor(struct watcher *w, struct seen *c)
{
	c->ended = true;
	end_run(w, c, "crash", "monitor lost");
}

void look_at_run(struct watcher *w, struct seen *c)
{
	char path[PATH_SIZE];
	_cleanup_close_ int dirfd = -1;
	struct run_state state;
	bool runs;

	put_path(path, w->place.run_dir, c->name, "");
	dirfd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	runs = dirfd >= 0 && read_run_state(dirfd, &state) == 0 && strcmp(state.boot, w->boot) == 0;
	look_at_kills(w, c);
	look_at_exit(w, c);
	if (runs && (state.since_ms != c->since_ms || state.init != c->init)) {
		begin_run(w, c, &state, dirfd);
		look_at_exit(w, c);
	}
	if (!runs && c->up)
		end_run(w, c, "stop", "");
	else if (runs && c->up && has_lost_monitor(c))
		lose_monitor(w, c);
}

void look_at_freezer(struct watcher *w, struct seen *c)
{
	char text[256];
	bool frozen;

	if (!*c->freezer_file || read_small_file(AT_FDCWD, c->freezer_file, text, sizeof text) <= 0)
		return;
	/* v1: FREEZING while a process is not there yet. */
	frozen = strncmp(text, "FR", 2) == 0 || strstr(text, "frozen 1");
	if (frozen != c->frozen && !w->silent)
		tell_event(c, frozen ? "freeze" : "thaw", wall_clock_ms(), "", "");
	c->frozen = frozen;
}

bool look_at_kills(struct watcher *w, struct seen *c)
{
	static const char key[] = "oom_kill ";
	char text[1024];
	const char *found;
	uint64_t kills;

	if (!*c->memory_file || read_small_file(AT_FDCWD, c->memory_file, text, sizeof text) <= 0)
		return false;
	found = strstr(text, key);
	kills = found ? strtoull(found + sizeof key - 1, NULL, 10) : 0;
	if (kills == c->kills)
		return false;
	c->kills = kills;
	c->oom_told = true;
	if (!w->silent)
		tell_oom(c, wall_clock_ms());
	return true;
}
