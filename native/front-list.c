/* `ctr list` and what begins like it: the Node CLI prints it, and while Node loads, a child of ours reads what there is to read. Node needs some 20 ms to
 * load and 200 µs for each container; the child needs 20 µs. What it writes is described in src/state/parse-evidence.ts. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "front-files.h"
#include "front.h"
#include "io.h"
#include "running.h"
#include "state.h"

/* A pipe holds 64 KiB unless asked for more: the child is to be ready before Node begins to read. */
#define PIPE_BYTES (1 << 20)
#define TEXT_SIZE 1024

/* `stats` asks for more, and `list --fancy`, which shows addresses as well. */
static bool with_files, with_addresses;

struct evidence {
	char flags[8];
	char state[TEXT_SIZE], exit[TEXT_SIZE], record[TEXT_SIZE];
	struct run_state run;
};

/* False for what is no small regular file, or empty: Node then looks itself and says what is wrong with it. */
static bool read_text(int dirfd, const char *name, char *text)
{
	text[0] = 0;
	errno = 0;
	return read_at_once(dirfd, name, text, TEXT_SIZE) > 0 || errno == ENOENT;
}

static void add_flag(struct evidence *e, char flag)
{
	size_t length = strlen(e->flags);

	e->flags[length] = flag;
	e->flags[length + 1] = 0;
}

/* `path` below a descriptor of the mount point, which most have in common: the kernel need not walk there again for each. */
static int find_common(const char *path, const char **rest)
{
	static char common[TEXT_SIZE];
	static int fd = -1;
	const char *file = strrchr(path, '/'), *group = file;

	while (group && group > path && *--group != '/')
		;
	if (!group || group == path || (size_t)(group - path) >= sizeof common) {
		*rest = path;
		return AT_FDCWD;
	}
	if (fd < 0 || strncmp(common, path, (size_t)(group - path)) != 0 || common[group - path]) {
		if (fd >= 0)
			close(fd);
		snprintf(common, sizeof common, "%.*s", (int)(group - path), path);
		fd = open(common, O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	*rest = fd < 0 ? path : group + 1;
	return fd < 0 ? AT_FDCWD : fd;
}

static bool is_frozen_file(const char *path)
{
	char text[TEXT_SIZE];
	const char *rest = path;
	int dirfd;

	if (!*path)
		return false;
	dirfd = find_common(path, &rest);
	return read_at_once(dirfd, rest, text, sizeof text) > 0 && (strncmp(text, "FROZEN", 6) == 0 || strstr(text, "frozen 1"));
}

/* A look at /proc/PID/stat costs as much as three other files. While the monitor lives, nobody else can have got init's pid: it is its
 * parent, and has not reaped it. Whether init lives is looked at only where the state depends on it (src/state/compute-state.ts):
 * without an end that was told, and not frozen, it runs as long as its monitor does, between two inits, too. */
static void look_at_processes(struct evidence *e, const char *boot)
{
	_cleanup_close_ int monitor = -1, init = -1;
	struct run_state *run = &e->run;
	bool frozen;

	if (parse_run_state(e->state, run) < 0 || strcmp(run->boot, boot) != 0)
		return;
	frozen = is_frozen_file(run->freezer);
	monitor = open_monitor(run);
	if (monitor >= 0 && !has_ended(monitor)) {
		add_flag(e, 'm');
		if (!frozen && !*e->exit)
			return;
		init = open_pidfd(run->init);
	} else {
		init = open_process(run->init, run->init_start);
	}
	if (init < 0 || has_ended(init))
		return;
	add_flag(e, 'i');
	if (frozen)
		add_flag(e, 'f');
}

/* Reads NAME/file; whether it is clear what there is. */
static bool read_below(int dirfd, const char *name, const char *file, char *text)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", name, file);
	return dirfd < 0 || read_text(dirfd, path, text);
}

static bool exists_below(int dirfd, const char *name, const char *file)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", name, file);
	return dirfd >= 0 && faccessat(dirfd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void gather(struct evidence *e, int states, int runs, const char *name, const char *boot)
{
	bool clear;

	e->flags[0] = e->state[0] = e->exit[0] = e->record[0] = 0;
	clear = read_below(states, name, "container.json", e->record);
	clear = read_below(runs, name, "state", e->state) && clear;
	/* Of most there is none, and a look is a third of what it costs to open nothing. */
	if (exists_below(runs, name, "exit"))
		clear = read_below(runs, name, "exit", e->exit) && clear;
	if (exists_below(states, name, "definition"))
		add_flag(e, 'd');
	if (*e->state)
		look_at_processes(e, boot);
	else if (!*e->exit && exists_below(runs, name, "plan"))
		add_flag(e, 'p');
	if (!clear)
		add_flag(e, 'x');
}

/* The uuid in a record as ctr writes it: `  "uuid": "….",` on a line of its own. */
static bool find_uuid(const char *record, char *uuid)
{
	static const char key[] = "\n  \"uuid\": \"";
	const char *at = strstr(record, key);

	if (!at || strspn(at + sizeof key - 1, "0123456789abcdef-") != 36 || at[sizeof key - 1 + 36] != '"')
		return false;
	memcpy(uuid, at + sizeof key - 1, 36);
	uuid[36] = 0;
	return true;
}

/* The ordinary case takes Node's time a thousand times: one that plainly runs is told in one short field. */
static bool write_running(FILE *out, const char *name, const struct evidence *e)
{
	char uuid[37];

	bool frozen = strchr(e->flags, 'f');

	if (*e->exit || !strchr(e->flags, 'm') || strchr(e->flags, 'x') || !find_uuid(e->record, uuid))
		return false;
	fprintf(out, "%s%cr%s%s%c%d %d %llu %s%c", name, 0, strchr(e->flags, 'd') ? "d" : "", frozen ? "f" : "", 0,
		e->run.init, e->run.monitor, (unsigned long long)e->run.since_ms, uuid, 0);
	if (with_files)
		write_files(out, name, e->run.init, with_addresses);
	fprintf(out, "%c%c", 0, 0);
	return true;
}

static void write_evidence(FILE *out, const char *name, const struct evidence *e)
{
	const char *const fields[] = { name, e->flags, e->state, e->exit, e->record };

	if (write_running(out, name, e))
		return;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		fwrite(fields[i], 1, strlen(fields[i]) + 1, out);
}

static int open_containers(const char *root)
{
	char path[DIR_SIZE + 16];

	snprintf(path, sizeof path, "%s/containers", root);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

struct names {
	char **of;
	size_t count, room;
};

static void add_names(struct names *names, int dirfd)
{
	DIR *dir = dirfd < 0 ? NULL : fdopendir(dup(dirfd));
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (!is_name(entry->d_name))
			continue;
		if (names->count == names->room) {
			names->room = names->room ? 2 * names->room : 64;
			names->of = realloc(names->of, names->room * sizeof *names->of);
		}
		/* Cut off, Node looks itself. */
		if (!names->of || !(names->of[names->count++] = strdup(entry->d_name)))
			_exit(1);
	}
	if (dir)
		closedir(dir);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Those with a state directory and those that only run, in the order in which they are shown. */
static void gather_all(const struct place *place, FILE *out)
{
	int states = open_containers(place->state_dir), runs = open_containers(place->run_dir);
	static struct names names;
	char boot[64] = "";

	read_boot_id(boot, sizeof boot);
	add_names(&names, states);
	add_names(&names, runs);
	if (names.count)
		qsort(names.of, names.count, sizeof *names.of, compare_names);
	for (size_t i = 0; i < names.count; i++) {
		static struct evidence e;

		if (i > 0 && strcmp(names.of[i], names.of[i - 1]) == 0)
			continue;
		gather(&e, states, runs, names.of[i], boot);
		write_evidence(out, names.of[i], &e);
	}
	/* No name: whoever reads knows that nothing is missing. */
	fwrite(".", 1, 2, out);
	fflush(out);
}

/* A file too many is read for what looks like one of these options and is none; Node tells them apart. */
static bool wants_files(char **arguments)
{
	if (strcmp(arguments[0], "stats") == 0)
		return true;
	while (*++arguments) {
		const char *a = *arguments;

		if (strncmp(a, "--f", 3) == 0 || strncmp(a, "--c", 3) == 0 || (a[0] == '-' && a[1] != '-' && strpbrk(a, "fF")))
			return true;
	}
	return false;
}

_Noreturn void front_list(char **arguments)
{
	static struct place place;
	static char buffer[1 << 14];
	struct problem p;
	char number[16];
	FILE *out;
	int pair[2];
	pid_t child;

	/* Whoever may not look gets the message from Node. */
	if (find_place(&place, &p) < 0 || pipe(pair) < 0)
		exec_node(NULL, arguments);
	fcntl(pair[1], F_SETPIPE_SZ, PIPE_BYTES);
	with_files = wants_files(arguments);
	with_addresses = strcmp(arguments[0], "list") == 0;
	child = fork();
	if (child == 0) {
		close(pair[0]);
		if (with_files)
			find_hierarchies();
		out = fdopen(pair[1], "w");
		setvbuf(out, buffer, _IOFBF, sizeof buffer);
		gather_all(&place, out);
		_exit(0);
	}
	close(pair[1]);
	if (child > 0) {
		snprintf(number, sizeof number, "%d", pair[0]);
		setenv("CTR_EVIDENCE_FD", number, 1);
	} else {
		close(pair[0]);
	}
	exec_node(NULL, arguments);
}
