/* `ctr cp SRC NAME:DST`, `ctr cp NAME:SRC DST`. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cp.h"
#include "error.h"
#include "fd.h"
#include "first-stage.h"
#include "front.h"

#define PIPE_BYTES (1 << 20)

/* What of an argument is the name of a container: a path of the host with a colon has a slash before it. */
static char *split(const char *argument, const char **path)
{
	size_t length = strcspn(argument, ":/");
	char *name;

	*path = argument;
	if (argument[length] != ':' || !(name = strndup(argument, length)))
		return NULL;
	*path = argument + length + 1;
	return name;
}

struct copy {
	struct box box;
	struct plan plan;
	bool running, out;
	bool stream; /* the host's side is a tar archive at stdin or stdout */
	const char *name, *from, *to;
	struct cp_side side; /* of this process */
};

static struct copy copy;

static int run_side(void)
{
	struct cp_side *s = &copy.side;
	bool reads = copy.out == !!s->name;
	int result;

	if (copy.stream && !s->name)
		result = reads ? cp_read_tar(s) : cp_write_tar(s);
	else
		result = reads ? cp_read(s, copy.from) : cp_write(s, copy.to);

	close(s->pipe);
	return result < 0 || s->failed ? 1 : 0;
}

static void say_failure(void)
{
	errno = failure.err;
	if (failure.err)
		warn_errno("cannot copy: '%s': %s: %s", copy.name, failure.step, failure.call);
	else
		warn("cannot copy: '%s': %s: %s", copy.name, failure.step, failure.reason);
}

static _Noreturn void run_inside(int talk)
{
	copy.side.name = copy.name;
	if (cp_go_inside(&copy.side, &copy.plan, copy.box.run_dir, copy.running) < 0) {
		if (talk >= 0)
			give_up_first_stage(talk);
		say_failure();
		_exit(1);
	}
	if (talk >= 0)
		close(talk);
	_exit(run_side());
}

/* The container's side is a child: what it becomes there is no way back. */
static int run_both(void)
{
	int ends[2], talk = -1, status = 0, result;
	struct stage_maps maps;
	bool stage;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail("pipe2", "", "make a pipe"), say_failure(), 1;
	fcntl(ends[0], F_SETPIPE_SZ, PIPE_BYTES);
	stage = !copy.running && needs_first_stage(&copy.plan) && stage_maps_of(&maps, &copy.plan);
	child = stage ? fork_first_stage(&maps, &talk) : fork();
	if (child == 0) {
		copy.side.pipe = ends[copy.out];
		close(ends[!copy.out]);
		run_inside(talk);
	}
	close(ends[copy.out]);
	if (child > 0 && stage && await_first_stage(child, talk) < 0)
		child = -1;
	if (child < 0)
		return say_failure(), 1;
	copy.side.pipe = ends[!copy.out];
	result = run_side();
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return result || status ? 1 : 0;
}

/* Running: nothing but that. Stopped: it stays so until the end, and its plan says where its root is. */
static int find_container(struct problem *p)
{
	static struct place place;
	struct box *box = &copy.box;
	bool cached;
	int state;

	if (find_place(&place, p) < 0 || find_box(box, &place, "copy", copy.name, p) < 0)
		return -1;
	copy.running = look_at_box(box) == BOX_RUNNING;
	if (copy.running)
		return 0;
	if (lock_box(box, "copy", p) < 0)
		return -1;
	state = settle_box(box, "copy", p);
	copy.running = state == BOX_RUNNING;
	if (state < 0 || copy.running)
		return state < 0 ? -1 : (unlock_box(box), 0);
	if (ensure_compiled(box, &cached) != 0 || plan_open(&copy.plan, box->dirfd, "compiled") < 0)
		return problem(p, "CTR_PLAN", "cannot copy '%s': it could not be compiled", copy.name);
	return 0;
}

int front_cp(int argc, char **argv)
{
	static struct front_options options;
	const char *from, *to;
	struct rlimit files;
	struct problem p;
	char *source, *target;

	if (!read_front_options(&options, argc, argv) || options.count != 2)
		exec_node("cp", argv + 1);
	source = split(options.names[0], &from);
	target = split(options.names[1], &to);
	if (!source == !target)
		exec_node("cp", argv + 1);
	copy.stream = strcmp(source ? to : from, "-") == 0;
	if (copy.stream && isatty(source ? STDOUT_FILENO : STDIN_FILENO)) {
		warn(source ? "cannot copy '%s': '-' is a tar archive at stdout, which is a terminal"
			    : "cannot copy to '%s': '-' is a tar archive at stdin, which is a terminal",
		     options.names[source ? 0 : 1]);
		return 2;
	}
	copy.out = source != NULL;
	copy.name = source ? source : target;
	copy.from = from;
	copy.to = to;
	copy.side = (struct cp_side){ .root = -1, .keep = options.archive, .follow = options.follow_link };
	signal(SIGPIPE, SIG_IGN);
	umask(0);
	/* Each level of a tree holds a descriptor. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (find_container(&p) < 0) {
		tell_problem(copy.name, &p);
		return 1;
	}
	return run_both();
}
