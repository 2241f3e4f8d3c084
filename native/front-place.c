/* Where things are, and which names are meant. */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "front.h"

/* As path.resolve() of the Node CLI: absolute, without the trailing slash that would make another directory of the same one. */
static int resolve(char *to, size_t size, const char *variable, const char *fallback)
{
	const char *value = getenv(variable);
	char here[DIR_SIZE] = "";
	size_t length;

	if (!value || !*value)
		value = fallback;
	if (*value != '/' && !getcwd(here, sizeof here))
		return -1;
	length = (size_t)snprintf(to, size, "%s%s%s", here, *here ? "/" : "", value);
	if (length >= size)
		return -1;
	while (length > 1 && to[length - 1] == '/')
		to[--length] = 0;
	return 0;
}

static bool is_private(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & 0777) == 0700;
}

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

static const char *absolute(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value == '/' ? value : NULL;
}

/* Of an ordinary user: the XDG base directories (src/system/paths.ts has the same rule). False: there is no place. */
static bool find_own_dirs(char *state, char *run, struct problem *p)
{
	const char *data = absolute("XDG_DATA_HOME"), *home = absolute("HOME"), *runtime = absolute("XDG_RUNTIME_DIR");
	struct stat st;

	*state = 0;
	if (data)
		snprintf(state, DIR_SIZE, "%.3000s/ctr", data);
	else if (home)
		snprintf(state, DIR_SIZE, "%.3000s/.local/share/ctr", home);
	if (runtime && is_private(runtime)) {
		snprintf(run, DIR_SIZE, "%.3000s/ctr", runtime);
	} else {
		snprintf(run, DIR_SIZE, "/tmp/ctr-%u", geteuid());
		/* Anybody may have put it there. */
		if (!is_set("CTR_RUN_DIR") && lstat(run, &st) == 0 && !is_private(run)) {
			problem(p, "CTR_IO", "cannot use directory '%s': it is not a directory of yours alone (mode 0700)", run);
			snprintf(p->hint, sizeof p->hint, "XDG_RUNTIME_DIR or CTR_RUN_DIR names another one");
			return false;
		}
	}
	if (*state || is_set("CTR_STATE_DIR"))
		return true;
	problem(p, "CTR_IO", "cannot find the state directory: HOME names no directory");
	snprintf(p->hint, sizeof p->hint, "HOME, XDG_DATA_HOME or CTR_STATE_DIR names it");
	return false;
}

int find_place(struct place *place, struct problem *p)
{
	static char state[DIR_SIZE] = "/var/lib/ctr", run[DIR_SIZE] = "/run/ctr";

	if (geteuid() != 0 && !find_own_dirs(state, run, p))
		return -1;
	if (resolve(place->state_dir, sizeof place->state_dir, "CTR_STATE_DIR", state) < 0 ||
	    resolve(place->run_dir, sizeof place->run_dir, "CTR_RUN_DIR", run) < 0)
		return problem(p, "CTR_IO", "cannot find the state directory: its path is too long");
	return 0;
}

/* [A-Za-z0-9][A-Za-z0-9_.-]{0,63}, the last no dot: the rule of src/config/name.ts. */
bool is_name(const char *name)
{
	size_t length = strlen(name);

	if (length < 1 || length > 64 || strchr("_.-", name[0]) || name[length - 1] == '.')
		return false;
	return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") == length;
}

int find_box(struct box *box, const struct place *place, const char *verb, const char *name, struct problem *p)
{
	struct stat st;

	box->name = name;
	box->dirfd = box->lock = -1;
	if (!is_name(name))
		return problem(p, "CTR_BAD_NAME",
			       "cannot use name '%.80s': a name is 1 to 64 characters from A-Z a-z 0-9 '_' '.' '-', the first a "
			       "letter or digit, the last no dot",
			       name);
	snprintf(box->state_dir, sizeof box->state_dir, "%s/containers/%s", place->state_dir, name);
	snprintf(box->run_dir, sizeof box->run_dir, "%s/containers/%s", place->run_dir, name);
	char path[DIR_SIZE + 160];

	snprintf(path, sizeof path, "%s/definition", box->state_dir);
	if (stat(path, &st) == 0)
		return 0;
	/* One that runs without a definition (undefined meanwhile) can still be stopped and entered. */
	snprintf(path, sizeof path, "%s/state", box->run_dir);
	if (strcmp(verb, "start") != 0 && stat(path, &st) == 0)
		return 0;
	problem(p, "CTR_NOT_FOUND", "cannot %s '%s': no container of that name is defined", verb, name);
	snprintf(p->hint, sizeof p->hint, "ctr list --all shows what is");
	return -1;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_pattern(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

static int match_names(char **names, int max, const struct place *place, const char *pattern)
{
	char path[DIR_SIZE + 16];
	struct dirent *entry;
	int count = 0;
	DIR *dir;

	snprintf(path, sizeof path, "%s/containers", place->state_dir);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (count < max && is_name(entry->d_name) && fnmatch(pattern, entry->d_name, 0) == 0)
			names[count++] = strdup(entry->d_name);
	if (dir)
		closedir(dir);
	qsort(names, (size_t)count, sizeof *names, by_name);
	return count;
}

/* Patterns stand for the containers that are defined; a pattern that fits none stays, and is then a bad name. */
int expand_names(char **names, int max, const struct place *place, char **patterns, int count, bool all)
{
	int found = all ? match_names(names, max, place, "*") : 0;

	for (int i = 0; i < count && found < max; i++) {
		int matched = is_pattern(patterns[i]) ? match_names(names + found, max - found, place, patterns[i]) : 0;

		if (matched)
			found += matched;
		else
			names[found++] = patterns[i];
	}
	return found;
}
