/* What `ctr stats` and `list --fancy` read of each container, while Node loads: files of its cgroups, and the counters of its links. As in
 * src/cgroups/read-stats.ts, which takes the texts as they are. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "front-files.h"
#include "io.h"

#define TEXT_SIZE 8192
#define PATH_SIZE 1024
#define MAX_MOUNTS 24

/* Of v1 the options tell the controllers, which /proc/PID/cgroup has in the same order or another. */
struct hierarchy {
	int mountpoint; /* descriptor: the kernel need not walk there again for each file */
	char options[160]; /* "": v2 */
};

static struct hierarchy hierarchies[MAX_MOUNTS];
static int hierarchy_count;

/* Two files of one meaning: of v1, of v2. */
static const struct {
	const char *controller, *v1, *v2;
} wanted[] = {
	{ "memory", "memory.usage_in_bytes", "memory.current" },
	{ "memory", "memory.limit_in_bytes", "memory.max" },
	{ "memory", "memory.oom_control", "memory.events" },
	{ "pids", "pids.current", "pids.current" },
	{ "pids", "pids.max", "pids.max" },
	{ "cpuacct", "cpuacct.usage", "cpu.stat" },
	{ "blkio", "blkio.throttle.io_service_bytes_recursive", "io.stat" },
};

/* Whether a list with commas has this word. */
static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (; *list; list += strcspn(list, ","), list += *list == ',')
		if (strncmp(list, word, length) == 0 && (list[length] == ',' || !list[length]))
			return true;
	return false;
}

static void add_hierarchy(char *line)
{
	char *fields[6], *rest = line, *kind = strstr(line, " - "), *options;
	struct hierarchy *h = &hierarchies[hierarchy_count];
	bool v2;

	if (!kind || hierarchy_count == MAX_MOUNTS)
		return;
	kind += 3;
	v2 = strncmp(kind, "cgroup2 ", 8) == 0;
	if (!v2 && strncmp(kind, "cgroup ", 7) != 0)
		return;
	for (int i = 0; i < 6; i++)
		if (!(fields[i] = strsep(&rest, " ")))
			return;
	/* The kernel's way to write a space: nobody has one there. */
	if (has_word(fields[5], "ro") || strchr(fields[4], '\\'))
		return;
	options = strrchr(kind, ' ');
	h->mountpoint = open(fields[4], O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (h->mountpoint < 0)
		return;
	snprintf(h->options, sizeof h->options, "%s", v2 || !options ? "" : options + 1);
	hierarchy_count++;
}

void find_hierarchies(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[2048];

	while (file && fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = 0;
		add_hierarchy(line);
	}
	if (file)
		fclose(file);
}

/* -1 for that of no hierarchy. */
static int mountpoint_of(const char *controllers)
{
	char first[64];

	snprintf(first, sizeof first, "%.*s", (int)strcspn(controllers, ","), controllers);
	for (int i = 0; i < hierarchy_count; i++)
		if (*first ? has_word(hierarchies[i].options, first) : !*hierarchies[i].options)
			return hierarchies[i].mountpoint;
	return -1;
}

/* What a group is called, behind its prefix: `ctr.` or `ctr-HASH.`, of whatever run directory (src/cgroups/group-name.ts). NULL for
 * that of nobody here. */
static const char *behind_prefix(const char *segment)
{
	if (strncmp(segment, "ctr", 3) != 0)
		return NULL;
	segment += 3;
	if (*segment == '-' && strspn(segment + 1, "0123456789abcdef") == 8)
		segment += 9;
	return *segment == '.' ? segment + 1 : NULL;
}

/* Cuts a group's path behind the container's own: inside, init may have made others. False: it is in none of its own. */
static bool cut_at_container(char *path, const char *name)
{
	size_t length = strlen(name);

	for (char *at = strchr(path, '/'); at; at = strchr(at + 1, '/')) {
		char *found = (char *)behind_prefix(at + 1);

		if (found && strncmp(found, name, length) == 0 && (found[length] == '/' || !found[length])) {
			found[length] = 0;
			return true;
		}
	}
	return false;
}

/* One file: its name, a newline, its text, a byte of 1. */
static void write_text(FILE *out, const char *name, const char *text, ssize_t length)
{
	if (length < 0)
		return;
	fputs(name, out);
	putc('\n', out);
	fwrite(text, 1, strlen(text), out);
	putc(1, out);
}

struct group {
	const char *controllers, *path; /* path below the mount point */
	int mountpoint;
};

/* The container's group of a controller, "" for v2; NULL when there is none. */
static const struct group *find_group(const struct group *groups, int count, const char *controller)
{
	for (int i = 0; i < count; i++)
		if (*controller ? has_word(groups[i].controllers, controller) : !*groups[i].controllers)
			return &groups[i];
	return NULL;
}

/* In the lines of /proc/PID/cgroup, which stay where they are. */
static int find_groups(struct group *groups, char *text, const char *name)
{
	int count = 0;

	for (char *line; (line = strsep(&text, "\n")) && count < MAX_MOUNTS;) {
		char *controllers = strchr(line, ':'), *path = controllers ? strchr(controllers + 1, ':') : NULL;
		int mountpoint;

		if (!path || strlen(path) > 600)
			continue;
		*path++ = 0;
		if (!cut_at_container(path, name) || (mountpoint = mountpoint_of(++controllers)) < 0)
			continue;
		groups[count++] = (struct group){ controllers, path + 1, mountpoint };
	}
	return count;
}

static void write_groups(FILE *out, const char *name, pid_t pid)
{
	struct group groups[MAX_MOUNTS];
	char path[PATH_SIZE], of_init[TEXT_SIZE], text[TEXT_SIZE];
	int count;

	snprintf(path, sizeof path, "/proc/%d/cgroup", pid);
	if (read_at_once(AT_FDCWD, path, of_init, sizeof of_init) < 0)
		return;
	count = find_groups(groups, of_init, name);
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		const struct group *v1 = find_group(groups, count, wanted[i].controller);
		const struct group *group = v1 ? v1 : find_group(groups, count, "");
		const char *file = v1 ? wanted[i].v1 : wanted[i].v2;

		if (!group)
			continue;
		stpcpy(stpcpy(stpcpy(path, group->path), "/"), file);
		write_text(out, file, text, read_at_once(group->mountpoint, path, text, sizeof text));
	}
}

/* What tells the addresses; the links of addresses of IPv4 are in the routes. */
static const char *const of_addresses[] = { "fib_trie", "if_inet6", "route" };

/* "net:[4026531840]": what a link of /proc/PID/ns is called tells as much as what it leads to. */
static bool read_network(const char *path, char *name, size_t size)
{
	ssize_t n = readlink(path, name, size - 1);

	if (n > 0)
		name[n] = 0;
	return n > 0;
}

/* The links of a network that is the host's are not the container's. */
static void write_links(FILE *out, pid_t pid, bool with_addresses)
{
	static char ours[64];
	char path[64], theirs[64], text[TEXT_SIZE];

	snprintf(path, sizeof path, "/proc/%d/ns/net", pid);
	if ((!*ours && !read_network("/proc/self/ns/net", ours, sizeof ours)) || !read_network(path, theirs, sizeof theirs) ||
	    strcmp(ours, theirs) == 0)
		return;
	snprintf(path, sizeof path, "/proc/%d/net/dev", pid);
	write_text(out, "dev", text, read_small_file(AT_FDCWD, path, text, sizeof text));
	for (size_t i = 0; with_addresses && i < sizeof of_addresses / sizeof *of_addresses; i++) {
		snprintf(path, sizeof path, "/proc/%d/net/%s", pid, of_addresses[i]);
		write_text(out, of_addresses[i], text, read_small_file(AT_FDCWD, path, text, sizeof text));
	}
}

void write_files(FILE *out, const char *name, pid_t pid, bool with_addresses)
{
	write_groups(out, name, pid);
	write_links(out, pid, with_addresses);
}
