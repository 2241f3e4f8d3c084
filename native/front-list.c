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
	return read_small_file(dirfd, name, text, TEXT_SIZE) > 0 || errno == ENOENT;
}

static void add_flag(struct evidence *e, char flag)
{
	size_t length = strlen(e->flags);

	e->flags[length] = flag;
	e->flags[length + 1] = 0;
}

static bool is_frozen_file(const char *path)
{
	char text[TEXT_SIZE];

	return *path && read_small_file(AT_FDCWD, path, text, sizeof text) > 0 &&
	       (strncmp(text, "FROZEN", 6) == 0 || strstr(text, "frozen 1"));
}

/* A look at /proc/PID/stat costs as much as all the rest. While the monitor lives, nobody else can have got init's pid: it is its
 * parent, and has not reaped it. */
static void look_at_processes(struct evidence *e, const char *boot)
{
	_cleanup_close_ int monitor = -1, init = -1;
	struct run_state *run = &e->run;

	if (parse_run_state(e->state, run) < 0 || strcmp(run->boot, boot) != 0)
		return;
	monitor = open_process(run->monitor, run->monitor_start);
	if (monitor >= 0 && !has_ended(monitor)) {
		add_flag(e, 'm');
		init = open_pidfd(run->init);
	} else {
		init = open_process(run->init, run->init_start);
	}
	if (init < 0 || has_ended(init))
		return;
	add_flag(e, 'i');
	if (is_frozen_file(run->freezer))
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
	clear = read_below(runs, name, "state", e->state) && read_below(runs, name, "exit", e->exit) && clear;
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

	if (*e->exit || !strchr(e->flags, 'm') || !strchr(e->flags, 'i') || strchr(e->flags, 'x') || !find_uuid(e->record, uuid))
		return false;
	fprintf(out, "%s%cr%s%s%c%d %d %llu %s%c", name, 0, strchr(e->flags, 'd') ? "d" : "", strchr(e->flags, 'f') ? "f" : "", 0,
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

/* Those with a state directory, then those that only run. */
static void gather_all(const struct place *place, FILE *out)
{
	int states = open_containers(place->state_dir), runs = open_containers(place->run_dir);
	int lists[2] = { states, runs };
	char boot[64] = "";

	read_boot_id(boot, sizeof boot);
	for (int i = 0; i < 2; i++) {
		DIR *dir = lists[i] < 0 ? NULL : fdopendir(dup(lists[i]));
		struct dirent *entry;

		while (dir && (entry = readdir(dir))) {
			static struct evidence e;

			if (!is_name(entry->d_name) || (i && states >= 0 && faccessat(states, entry->d_name, F_OK, 0) == 0))
				continue;
			gather(&e, states, runs, entry->d_name, boot);
			write_evidence(out, entry->d_name, &e);
		}
		if (dir)
			closedir(dir);
	}
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
	struct problem p;
	char number[16];
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
		gather_all(&place, fdopen(pair[1], "w"));
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
