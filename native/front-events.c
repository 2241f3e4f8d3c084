/* `ctr events [NAME…]`: until a signal ends it, or nobody reads. What it hears of makes it look at that container; what is different
 * from what it knew is an event. So one that was missed (a queue that overflowed, a run of a millisecond) is told all the same. */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "events.h"
#include "fd.h"

#define PATH_SIZE (DIR_SIZE + 160)
/* The kernel says that it is out of memory, and then chooses whom to kill. */
#define OOM_STEP_MS 10
#define OOM_LOOKS 50
/* A descriptor for each of stdout and inotify, two for each container. */
#define FIXED_POLLS 2

static bool is_wanted(const struct watcher *w, const char *name)
{
	for (int i = 0; i < w->pattern_count; i++)
		if (fnmatch(w->patterns[i], name, 0) == 0)
			return true;
	return w->pattern_count == 0;
}

static int add_watch(const struct watcher *w, const char *root, const char *name, uint32_t mask)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof path, "%s/containers%s%s", root, *name ? "/" : "", name);
	return inotify_add_watch(w->inotify, path, mask | IN_ONLYDIR | IN_DONT_FOLLOW);
}

static struct seen *find(const struct watcher *w, const char *name)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->all[i]->name, name) == 0)
			return w->all[i];
	return NULL;
}

static struct seen *add(struct watcher *w, const char *name)
{
	struct seen *c = calloc(1, sizeof *c);
	struct seen **all = realloc(w->all, (w->count + 1) * sizeof *all);

	if (!c || !all) {
		perror("ctr: cannot watch");
		exit(1);
	}
	w->all = all;
	w->all[w->count++] = c;
	snprintf(c->name, sizeof c->name, "%s", name);
	c->run_dir = c->state_dir = c->freezer = c->memory = c->oom = c->monitor = -1;
	return c;
}

/* A directory of this name is there, or was: watch first, then look. */
static void look_at_all_of(struct watcher *w, const char *name)
{
	struct seen *c;

	if (!is_name(name) || !is_wanted(w, name))
		return;
	c = find(w, name);
	if (!c)
		c = add(w, name);
	c->run_dir = add_watch(w, w->place.run_dir, name, IN_MOVED_TO | IN_DELETE);
	c->state_dir = add_watch(w, w->place.state_dir, name, IN_MOVED_TO | IN_DELETE);
	look_at_definition(w, c);
	look_at_run(w, c);
}

static void look_at_everything(struct watcher *w)
{
	const char *const roots[] = { w->place.state_dir, w->place.run_dir };

	for (size_t i = 0; i < w->count; i++)
		look_at_all_of(w, w->all[i]->name);
	for (size_t i = 0; i < 2; i++) {
		char path[PATH_SIZE];
		struct dirent *entry;
		DIR *dir;

		snprintf(path, sizeof path, "%s/containers", roots[i]);
		dir = opendir(path);
		while (dir && (entry = readdir(dir)))
			if (!find(w, entry->d_name))
				look_at_all_of(w, entry->d_name);
		if (dir)
			closedir(dir);
	}
}

static void take_one(struct watcher *w, const struct inotify_event *e)
{
	if (e->mask & IN_Q_OVERFLOW) {
		look_at_everything(w);
		return;
	}
	if (e->wd == w->runs || e->wd == w->states) {
		if (e->len)
			look_at_all_of(w, e->name);
		return;
	}
	for (size_t i = 0; i < w->count; i++) {
		struct seen *c = w->all[i];

		if (e->wd == c->state_dir && e->len && strcmp(e->name, "definition") == 0)
			look_at_definition(w, c);
		else if (e->wd == c->run_dir && e->len && (strcmp(e->name, "state") == 0 || strcmp(e->name, "exit") == 0))
			look_at_run(w, c);
		else if (e->wd == c->freezer && e->mask & IN_MODIFY)
			look_at_freezer(w, c);
		else if (e->wd == c->memory && e->mask & IN_MODIFY)
			look_at_kills(w, c);
	}
}

static void take_events(struct watcher *w)
{
	_Alignas(struct inotify_event) char bytes[16384];
	ssize_t n = read(w->inotify, bytes, sizeof bytes);

	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *e = (const struct inotify_event *)(const void *)(bytes + at);

		at += (ssize_t)(sizeof *e + e->len);
		take_one(w, e);
	}
}

static void take_oom(struct watcher *w, struct seen *c, bool told)
{
	uint64_t count;

	if (told && read(c->oom, &count, sizeof count) == sizeof count)
		c->oom_looks = OOM_LOOKS;
	if (c->oom_looks > 0)
		c->oom_looks = look_at_kills(w, c) ? 0 : c->oom_looks - 1;
}

static void wait_for_events(struct watcher *w)
{
	static struct pollfd *polls;
	size_t count = w->count;
	int timeout = -1;

	polls = realloc(polls, (FIXED_POLLS + 2 * count) * sizeof *polls);
	if (!polls)
		exit(1);
	/* The end of who reads a pipe is told without being asked for (POLLERR). */
	polls[0] = (struct pollfd){ .fd = 1 };
	polls[1] = (struct pollfd){ .fd = w->inotify, .events = POLLIN };
	for (size_t i = 0; i < count; i++) {
		polls[FIXED_POLLS + 2 * i] = (struct pollfd){ .fd = w->all[i]->monitor, .events = POLLIN };
		polls[FIXED_POLLS + 2 * i + 1] = (struct pollfd){ .fd = w->all[i]->oom, .events = POLLIN };
		if (w->all[i]->oom_looks > 0)
			timeout = OOM_STEP_MS;
	}
	if (poll(polls, FIXED_POLLS + 2 * count, timeout) < 0)
		return;
	if (polls[0].revents & (POLLERR | POLLHUP | POLLNVAL))
		exit(0);
	for (size_t i = 0; i < count; i++)
		if (w->all[i]->oom == polls[FIXED_POLLS + 2 * i + 1].fd)
			take_oom(w, w->all[i], polls[FIXED_POLLS + 2 * i + 1].revents & POLLIN);
	if (polls[1].revents & POLLIN)
		take_events(w);
	/* Behind the files that it wrote before it ended. */
	for (size_t i = 0; i < count; i++)
		if (polls[FIXED_POLLS + 2 * i].revents && w->all[i]->monitor == polls[FIXED_POLLS + 2 * i].fd) {
			look_at_run(w, w->all[i]);
			close_fd(&w->all[i]->monitor);
			w->all[i]->monitor = -1;
		}
}

/* Both directories are made when missing: what is not there cannot be watched. */
static int open_watches(struct watcher *w, struct problem *p)
{
	const char *const roots[] = { w->place.run_dir, w->place.state_dir };
	int *const watches[] = { &w->runs, &w->states };

	w->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->inotify < 0)
		return problem(p, "CTR_IO", "cannot watch containers: inotify_init1: %s", strerror(errno));
	for (int i = 0; i < 2; i++) {
		char path[PATH_SIZE];

		snprintf(path, sizeof path, "%s/containers", roots[i]);
		if (make_private_dir(roots[i], p) < 0 || make_private_dir(path, p) < 0)
			return -1;
		*watches[i] = add_watch(w, roots[i], "", IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE);
		if (*watches[i] < 0) {
			problem(p, "CTR_IO", "cannot watch '%s': inotify_add_watch: %s", path, strerror(errno));
			if (errno == ENOSPC)
				snprintf(p->hint, sizeof p->hint, "sysctl fs.inotify.max_user_watches allows more");
			return -1;
		}
	}
	return 0;
}

/* Names may be of containers that are yet to come, but no container has a name like this. */
static int check_patterns(char **patterns, int count, struct problem *p)
{
	for (int i = 0; i < count; i++)
		if (!strpbrk(patterns[i], "*?[") && !is_name(patterns[i]))
			return problem(p, "CTR_BAD_NAME",
				       "cannot use name '%.80s': a name is 1 to 64 characters from A-Z a-z 0-9 '_' '.' '-', the "
				       "first a letter or digit, the last no dot",
				       patterns[i]);
	return 0;
}

static void allow_many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int front_events(int argc, char **argv)
{
	static struct front_options options;
	static struct watcher w;
	struct problem p;

	if (!read_front_options(&options, argc, argv))
		exec_node("events", argv + 1);
	events_json = options.json;
	w.patterns = options.names;
	w.pattern_count = options.count;
	if (check_patterns(w.patterns, w.pattern_count, &p) < 0 || find_place(&w.place, &p) < 0 || open_watches(&w, &p) < 0) {
		tell_problem("", &p);
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	allow_many_files();
	read_boot_id(w.boot, sizeof w.boot);
	w.silent = true;
	look_at_everything(&w);
	w.silent = false;
	for (;;)
		wait_for_events(&w);
}
