/* `ctr run`: what of the command line decides about the container goes to the compiler (or to a plan that it has left); the rest, and
 * the command, stays here. This process is the parent of the container's init until it has ended. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "front.h"
#include "run.h"

#define MAX_WORDS 1024
#define MAX_VARIABLES 400
#define PATH_SIZE 4096

struct words {
	char *plan[MAX_WORDS + 1]; /* --name=value, for the compiler */
	int count;
	char *env[MAX_VARIABLES + 1];
	int env_count;
	const char *workdir, *name;
	int64_t timeout_ms;
	bool tty, no_tty, report;
	pid_t parent;
	char **command;
	char *words; /* all of the command line, in place */
	size_t words_size;
};

/* A number of seconds, or with ms, s, m, h. */
static bool read_duration(const char *text, int64_t *ms)
{
	static const struct {
		const char *unit;
		double ms;
	} units[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 } };
	size_t digits = strspn(text, "0123456789.");
	char *end;
	double value = strtod(text, &end);

	for (size_t i = 0; digits && end == text + digits && i < sizeof units / sizeof *units; i++) {
		if (strcmp(end, units[i].unit) != 0)
			continue;
		*ms = (int64_t)(value * units[i].ms + 0.5);
		return value * units[i].ms < 1e12;
	}
	return false;
}

static char *join(const char *a, const char *b, const char *c, const char *d)
{
	size_t size = strlen(a) + strlen(b) + strlen(c) + strlen(d) + 1;
	char *text = malloc(size);

	if (!text)
		die(RUN_FAILED, "cannot run: out of memory");
	snprintf(text, size, "%s%s%s%s", a, b, c, d);
	return text;
}

/* The compiler runs elsewhere, and what it leaves serves from everywhere. */
static const char *absolute(const char *option, const char *value)
{
	char here[PATH_SIZE];

	if (value[0] == '/' || (strcmp(option, "rootfs") && strcmp(option, "bind") && strcmp(option, "bind-ro")))
		return value;
	if (!*value || !getcwd(here, sizeof here))
		return value;
	while (strncmp(value, "./", 2) == 0)
		value += 2;
	if (value[0] == '.' && (value[1] == 0 || value[1] == ':'))
		return join(here, value + 1, "", "");
	return join(here, "/", value, "");
}

static bool take(struct words *w, const char *option, char *value)
{
	if (strcmp(option, "timeout") == 0)
		return read_duration(value, &w->timeout_ms);
	if (strcmp(option, "env") == 0) {
		if (w->env_count == MAX_VARIABLES || *value == '=' || !strchr(value, '='))
			return false;
		w->env[w->env_count++] = value;
	} else if (strcmp(option, "workdir") == 0) {
		w->workdir = value;
		return *value == '/';
	} else if (strcmp(option, "tty") == 0) {
		w->tty = true;
	} else if (strcmp(option, "no-tty") == 0) {
		w->no_tty = true;
	} else if (strcmp(option, "report") == 0) {
		w->report = true;
	} else {
		if (w->count == MAX_WORDS)
			return false;
		if (strcmp(option, "name") == 0) {
			w->name = value;
			return is_name(value);
		}
		w->plan[w->count++] = value ? join("--", option, "=", absolute(option, value)) : join("--", option, "", "");
	}
	return true;
}

static const struct hot_option *find(const char *text, size_t length, char letter)
{
	const struct hot_option *option = hot_options_run;

	while (option->long_name && (letter ? option->short_name != letter
					    : strlen(option->long_name) != length || memcmp(option->long_name, text, length) != 0))
		option++;
	return option->long_name ? option : NULL;
}

/* --name, --name=value, --name value, -n, -nvalue, -n value; letters of options without values may be joined. */
static bool read_word(struct words *w, char **argv, int *i)
{
	char *text = argv[*i], *value;
	const struct hot_option *option;

	if (text[1] == '-') {
		size_t length = strcspn(text + 2, "=");

		option = find(text + 2, length, 0);
		value = text[2 + length] ? text + 3 + length : NULL;
		if (!option || (value && !option->takes_value))
			return false;
		if (option->takes_value && !value)
			value = argv[++*i];
		return (!option->takes_value || value) && take(w, option->long_name, value);
	}
	for (text++; *text; text++) {
		option = find(NULL, 0, *text);
		if (!option)
			return false;
		if (option->takes_value) {
			value = text[1] ? text + 1 : argv[++*i];
			return value && take(w, option->long_name, value);
		}
		if (!take(w, option->long_name, NULL))
			return false;
	}
	return true;
}

/* The first word that is no option begins the command. False: the Node CLI has to say what is wrong. */
static bool read_words(struct words *w, int argc, char **argv)
{
	int i = 1;

	w->timeout_ms = -1;
	w->parent = getppid();
	w->words = argv[-1];
	w->words_size = (size_t)(argv[argc - 1] + strlen(argv[argc - 1]) + 1 - argv[-1]);
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (!read_word(w, argv, &i))
			return false;
	}
	w->command = argv + i;
	return i < argc && argv[i][0] && !(w->tty && w->no_tty);
}

/* Before what the command line says of it. */
static void name_terminal(struct words *w)
{
	const char *term = getenv("TERM");

	if (!term || !*term || strlen(term) > 128 || w->env_count == MAX_VARIABLES)
		return;
	memmove(w->env + 1, w->env, (size_t)w->env_count++ * sizeof *w->env);
	w->env[0] = join("TERM=", term, "", "");
}

/* Nothing of the caller's flows into the container but 0 to 2, which must be something; and nobody but root looks into this process. */
static void leave_caller(bool report)
{
	unsigned first = report ? 4 : 3;
	int fd;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd < 3)
		;
	if (fd >= 3)
		close(fd);
	if (syscall(SYS_close_range, first, ~0u, 0) < 0)
		for (int i = (int)first; i < 1024; i++)
			close(i);
	if (report)
		fcntl(3, F_SETFD, FD_CLOEXEC);
	signal(SIGPIPE, SIG_IGN);
	umask(022);
}

static int fail_run(const struct problem *p)
{
	tell_problem("", p);
	return RUN_FAILED;
}

/* The run directory of the name, ours, empty but for the plan. */
static int prepare_box(struct box *box, const struct slot *slot, const char *file, struct problem *p)
{
	int state;

	if (lock_box(box, "run", p) < 0)
		return -1;
	state = settle_box(box, "run", p);
	if (state < 0)
		return -1;
	if (state != BOX_STOPPED)
		return problem(p, "CTR_RUNNING", "cannot run '%s': it is running already", box->name);
	unlinkat(box->dirfd, "plan", 0);
	unlinkat(box->dirfd, "exit", 0);
	if (linkat(slot->dirfd, file, box->dirfd, "plan", 0) < 0)
		return problem(p, "CTR_IO", "cannot run '%s': its plan: %s", box->name, strerror(errno));
	return 0;
}

static int find_run_box(struct box *box, const struct place *place, const char *name, struct problem *p)
{
	char definition[DIR_SIZE + 160];

	box->name = name;
	box->dirfd = box->lock = -1;
	snprintf(box->state_dir, sizeof box->state_dir, "%s/containers/%s", place->state_dir, name);
	snprintf(box->run_dir, sizeof box->run_dir, "%s/containers/%s", place->run_dir, name);
	snprintf(definition, sizeof definition, "%s/definition", box->state_dir);
	if (access(definition, F_OK) < 0)
		return 0;
	problem(p, "CTR_EXISTS", "cannot run '%s': a container of that name is defined", name);
	snprintf(p->hint, sizeof p->hint, "--from %s runs a command on a copy of its root", name);
	return -1;
}

static void remove_box(const struct box *box)
{
	char lock[DIR_SIZE + 160];

	snprintf(lock, sizeof lock, "%s/lock", box->run_dir);
	unlink(lock);
	rmdir(box->run_dir);
}

static int run_in_slot(struct words *w, const struct slot *slot, const struct place *place)
{
	static struct box box;
	struct run_request request = { .timeout_ms = w->timeout_ms, .report = w->report, .parent = w->parent };
	char file[PLAN_NAME_SIZE];
	struct problem p;
	int status;

	if (find_run_box(&box, place, w->name ? w->name : slot->name, &p) < 0)
		return fail_run(&p);
	status = ensure_run_compiled(slot, place, box.name, w->plan, file);
	if (status)
		return RUN_FAILED;
	if (prepare_box(&box, slot, file, &p) < 0)
		return fail_run(&p);
	request.dir = box.run_dir;
	request.dirfd = box.dirfd;
	request.lock = box.lock;
	request.command = (struct command){ .argv = w->command, .env = w->env, .env_count = w->env_count, .cwd = w->workdir,
					    .words = w->words, .words_size = w->words_size };
	status = run_container(&request);
	remove_box(&box);
	return status;
}

int front_run(int argc, char **argv)
{
	static struct words w;
	static struct place place;
	static struct slot slot;
	struct problem p;

	if (!read_words(&w, argc, argv))
		exec_node("run", argv + 1);
	front_report = w.report;
	leave_caller(w.report);
	if (w.tty || (!w.no_tty && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))) {
		take(&w, "terminal", NULL);
		name_terminal(&w);
	}
	if (find_place(&place, &p) < 0 || take_slot(&slot, &place, &p) < 0)
		return fail_run(&p);
	return run_in_slot(&w, &slot, &place);
}
