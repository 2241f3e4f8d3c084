/* A program in a container of this machine: by the code of `ctr enter`, so it is confined exactly as what enters. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "enter.h"
#include "error.h"
#include "front.h"
#include "io.h"
#include "vshd.h"

static struct box box;
static struct enter_options options;
static struct running container;

/* Without its hint: the client may be on a machine that has no ctr. */
static void tell_refusal(int status, const char *reason)
{
	end_session(status == ENTER_FAILED ? 0 : status, "cannot enter '%s': %.*s", box.name, (int)strcspn(reason, "\n"), reason);
}

/* HOME and SHELL are those of the user inside, whatever is asked for. */
static void take_variables(const struct vsh_setup *setup)
{
	bool has_term = false;

	for (int i = 0; i < setup->env_count; i++) {
		char *entry = setup->env[i];

		if (strncmp(entry, "HOME=", 5) == 0 || strncmp(entry, "SHELL=", 6) == 0)
			continue;
		if (options.extra_count == MAX_EXTRA)
			end_session(0, "there are more than %d variables", MAX_EXTRA);
		options.extra[options.extra_count++] = entry;
		has_term = has_term || strncmp(entry, "TERM=", 5) == 0;
	}
	if (!has_term)
		setenv("TERM", "linux", 1);
}

/* The directory of a process of this container, as its name is inside. Somebody else's process would be a look outside. */
static const char *directory_of(pid_t pid)
{
	static char directory[4096];
	struct stat its, ours;
	char path[64];
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%d/ns/mnt", pid);
	if (stat(path, &its) < 0)
		end_session(0, "cannot enter '%s': there is no process %d", box.name, pid);
	snprintf(path, sizeof path, "/proc/%d/ns/mnt", container.state.init);
	if (stat(path, &ours) < 0 || its.st_ino != ours.st_ino)
		end_session(0, "cannot enter '%s': the process %d is none of it", box.name, pid);
	snprintf(path, sizeof path, "/proc/%d/cwd", pid);
	n = readlink(path, directory, sizeof directory - 1);
	if (n <= 0 || directory[0] != '/')
		end_session(0, "cannot enter '%s': the directory of process %d: readlink: %s", box.name, pid, errno_name(errno));
	directory[n] = 0;
	return directory;
}

static void find_container(const char *name)
{
	static struct place place;
	struct problem p;

	if (find_place(&place, &p) < 0 || find_box(&box, &place, "enter", name, &p) < 0)
		end_session(0, "%s", p.message);
	if (open_running(&container, box.run_dir) < 0)
		end_session(0, "cannot enter '%s': it is not running", name);
}

/* The size that terminal_size() finds where there is no terminal. */
static void set_size(const char *name, int32_t size)
{
	char text[16];

	snprintf(text, sizeof text, "%d", size);
	setenv(name, text, 1);
}

/* The waiter's one child; where the kernel does not tell, the waiter. */
static pid_t child_of(pid_t waiter)
{
	char path[64], text[64];
	pid_t pid;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", waiter, waiter);
	if (read_small_file(AT_FDCWD, path, text, sizeof text) < 0)
		return waiter;
	pid = (pid_t)strtol(text, NULL, 10);
	return pid > 0 ? pid : waiter;
}

void open_container_of(const struct vsh_setup *setup, struct target *t)
{
	pid_t waiter;

	find_container(setup->target);
	take_variables(setup);
	if (setup->rows > 0 && setup->cols > 0) {
		set_size("LINES", setup->rows);
		set_size("COLUMNS", setup->cols);
	}
	options.dir = box.run_dir;
	options.user = *setup->user ? setup->user : NULL;
	options.cwd = setup->cwd_pid ? directory_of(setup->cwd_pid) : *setup->cwd ? setup->cwd : NULL;
	options.command = setup->argc ? (char **)setup->argv : NULL;
	options.at_home = true;
	options.terminal = !setup->nopty;
	options.no_terminal = setup->nopty;
	entering_refused = tell_refusal;
	waiter = start_entering(&options, NULL, &t->relay);
	t->pid = child_of(waiter);
}

const char *explain_end(int status)
{
	static char text[128];

	if (!box.name || !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		return "";
	/* init ends a moment after those it takes with it. */
	if (!wait_process(container.init, 100))
		return "";
	snprintf(text, sizeof text, "container '%.64s' stopped", box.name);
	return text;
}
