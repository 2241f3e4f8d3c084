/* How init ended, written down before anything else learns of it: only the parent can tell a reboot(2) from a kill. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "io.h"
#include "monitor.h"
#include "text.h"

/* A run that was shorter is no good sign; after so many of these in a row there is no other. */
#define FAST_MS 5000
#define MOST_FAST 5

/* reboot(2) in a pid namespace ends its init by SIGHUP (restart) or SIGINT (halt, power off), pid_namespaces(7); no other signal
 * but SIGKILL can kill it. */
static const char *reason_of(int status)
{
	if (monitor.stop_asked)
		return "stopped";
	if (WIFEXITED(status))
		return "exited";
	if (WTERMSIG(status) == SIGHUP)
		return "reboot";
	if (WTERMSIG(status) == SIGINT)
		return "poweroff";
	return WTERMSIG(status) == SIGKILL && ran_out_of_memory() ? "oom" : "killed";
}

/* Copies the line of `key` from the state file: which boot, and which run of it, has ended. */
static void add_state_line(struct text *record, const char *state, const char *key)
{
	size_t length = strlen(key);

	while (*state) {
		size_t line = strcspn(state, "\n");

		if (strncmp(state, key, length) == 0 && state[length] == ' ') {
			text_add_bytes(record, state, line);
			text_add(record, "\n");
			return;
		}
		state += line + (state[line] == '\n');
	}
}

static void add_line(struct text *record, const char *key, uint64_t number)
{
	text_add(record, key);
	text_add(record, " ");
	text_add_number(record, number);
	text_add(record, "\n");
}

/* Readers see the old record or the new one. No fsync: a record of another boot means nothing, and a disk may take 30 ms for it. */
static void replace_file(int dir, const char *name, const char *temporary, const struct text *content)
{
	_cleanup_close_ int fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd >= 0 && write_all(fd, content->bytes, content->length) == 0)
		renameat(dir, temporary, dir, name);
}

/* libvirt's three kinds of end. An init that says by its exit status that it failed has crashed. */
static enum continuation choose(int status)
{
	if (monitor.stop_asked)
		return CONTINUE_STOP;
	if (WIFEXITED(status))
		return WEXITSTATUS(status) == 0 ? monitor.on_poweroff : monitor.on_crash;
	if (WTERMSIG(status) == SIGHUP)
		return monitor.on_reboot;
	return WTERMSIG(status) == SIGINT ? monitor.on_poweroff : monitor.on_crash;
}

enum continuation decide_end(int status)
{
	enum continuation next = choose(status);

	if (next != CONTINUE_RESTART)
		return next;
	monitor.fast = monotonic_ms() - monitor.since_ms < FAST_MS ? monitor.fast + 1 : 0;
	return monitor.fast > MOST_FAST ? CONTINUE_STOP : next;
}

void record_exit(int status, enum continuation next)
{
	const char *reason = reason_of(status);
	struct text record = { 0 };
	char state[1024] = "";

	read_small_file(monitor.dir, "state", state, sizeof state);
	add_state_line(&record, state, "boot");
	add_state_line(&record, state, "since");
	add_line(&record, "time", wall_clock_ms());
	if (WIFEXITED(status))
		add_line(&record, "status", (uint64_t)WEXITSTATUS(status));
	else
		add_line(&record, "signal", (uint64_t)WTERMSIG(status));
	text_add(&record, "reason ");
	text_add(&record, reason);
	text_add(&record, "\n");
	if (next == CONTINUE_STOP && monitor.fast > MOST_FAST)
		add_line(&record, "gave-up", MOST_FAST);
	if (next == CONTINUE_PRESERVE)
		text_add(&record, "preserved yes\n");
	replace_file(monitor.dir, "exit", "exit.new", &record);
	/* The run directory's is gone after the clean-up, this one is not. */
	if (monitor.log_dir >= 0)
		replace_file(monitor.log_dir, "last-exit", "last-exit.new", &record);
}
