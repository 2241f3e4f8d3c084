/* `chown ROOT JOURNAL u:INSIDE:OUTSIDE:COUNT… g:…`: the owners of a whole tree become those of its container's ids on the host. No symbolic
 * link is followed, no mount is crossed, and each inode is changed once: by its id one sees whether it has been. So whoever was
 * interrupted begins anew. One line of JSON on stdout; on stderr, when it is a terminal, how far it is. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "commands.h"
#include "error.h"
#include "fd.h"
#include "io.h"
#include "json.h"
#include "ownership.h"

/* Each level holds a descriptor and a buffer on the stack. */
#define MAX_DEPTH 400
#define BUFFER 4096
#define PROGRESS_MS 200

struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

static struct ownership all;
static char path[4096];
static int64_t said;

static void say_progress(void)
{
	if (all.files % 256 || monotonic_ms() - said < PROGRESS_MS)
		return;
	said = monotonic_ms();
	dprintf(STDERR_FILENO, "\r%llu files", (unsigned long long)all.files);
}

static int walk(int dir, size_t length, int depth);

static int visit(int dir, const char *name, size_t length, int depth)
{
	struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
	};
	_cleanup_close_ int fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof how);
	_cleanup_close_ int inside = -1;
	struct stat st;

	if (fd < 0 && errno == EXDEV)
		return refuse("it is a mount: what is mounted in the tree goes first", path, "change the owner of '%s'", path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail("openat2", path, "change the owner of '%s'", path);
	if (move_owner(&all, fd, &st, path) < 0)
		return -1;
	if (said)
		say_progress();
	if (!S_ISDIR(st.st_mode))
		return 0;
	if (depth == MAX_DEPTH)
		return refuse("it lies too deep", path, "change the owner of '%s'", path);
	inside = reopen(fd, O_RDONLY | O_DIRECTORY);
	return inside < 0 ? fail("open", path, "read the directory '%s'", path) : walk(inside, length, depth + 1);
}

static int walk(int dir, size_t length, int depth)
{
	_Alignas(struct entry) char buffer[BUFFER];
	long size;

	while ((size = syscall(SYS_getdents64, dir, buffer, sizeof buffer)) > 0) {
		for (long at = 0; at < size;) {
			const struct entry *entry = (const struct entry *)(const void *)(buffer + at);
			size_t more = strlen(entry->name);

			at += entry->length;
			if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0)
				continue;
			if (length + 1 + more >= sizeof path) {
				errno = ENAMETOOLONG;
				return fail("open", path, "change the owner of what is in '%s'", path);
			}
			path[length] = '/';
			memcpy(path + length + 1, entry->name, more + 1);
			if (visit(dir, entry->name, length + 1 + more, depth) < 0)
				return -1;
			path[length] = 0;
		}
	}
	return size < 0 ? fail("getdents64", path, "read the directory '%s'", path) : 0;
}

static bool parse_range(const char *text)
{
	struct id_map *map = text[0] == 'u' ? &all.uids : text[0] == 'g' ? &all.gids : NULL;
	unsigned long long inside, outside, count;
	int end = 0;

	if (!map || map->count == MAX_RANGES || sscanf(text + 1, ":%10llu:%10llu:%10llu%n", &inside, &outside, &count, &end) != 3 ||
	    text[1 + end] || !count || inside + count > UINT32_MAX || outside + count > UINT32_MAX)
		return false;
	map->ranges[map->count].inside = inside;
	map->ranges[map->count].outside = outside;
	map->ranges[map->count++].count = count;
	return true;
}

/* An id on both sides would not tell whether it has been moved. */
static bool has_two_sides(const struct id_map *map)
{
	for (int i = 0; i < map->count; i++)
		for (int j = 0; j < map->count; j++)
			if (map->ranges[i].inside < map->ranges[j].outside + map->ranges[j].count &&
			    map->ranges[j].outside < map->ranges[i].inside + map->ranges[i].count)
				return false;
	return map->count > 0;
}

static int move_tree(const char *root_path, const char *journal)
{
	_cleanup_close_ int place = open(root_path, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int root = place < 0 ? -1 : reopen(place, O_RDONLY | O_DIRECTORY);
	struct stat st;

	if (root < 0 || fstat(root, &st) < 0)
		return fail("open", root_path, "open the root file system '%s'", root_path);
	all.journal = open(journal, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (all.journal < 0)
		return fail("open", journal, "open the journal '%s'", journal);
	if (finish_journal(&all, root) < 0)
		return -1;
	if (isatty(STDERR_FILENO))
		said = monotonic_ms();
	/* Its own directory last: the owner of the root tells that all of it is done. */
	if (walk(root, 0, 0) < 0 || move_owner(&all, place, &st, "/") < 0)
		return -1;
	if (said)
		dprintf(STDERR_FILENO, "\r\x1b[K");
	if (unlink(journal) < 0)
		return fail("unlink", journal, "remove the journal '%s'", journal);
	return 0;
}

int chown_main(int argc, char **argv)
{
	struct rlimit files;
	bool right = argc >= 5;

	for (int i = 3; i < argc; i++)
		right = right && parse_range(argv[i]);
	if (!right || !has_two_sides(&all.uids) || !has_two_sides(&all.gids))
		die(2, "usage: clone-helper chown ROOT JOURNAL u:INSIDE:OUTSIDE:COUNT... g:INSIDE:OUTSIDE:COUNT...; no id is on both sides");
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (move_tree(argv[1], argv[2]) < 0) {
		report_failure(STDOUT_FILENO, &failure);
		return 1;
	}
	printf("{\"ok\":true,\"files\":%llu,\"changed\":%llu,\"foreign\":%llu}\n", (unsigned long long)all.files,
	       (unsigned long long)all.changed, (unsigned long long)all.foreign);
	if (all.foreign)
		warn("%llu owners are of no id of the map: the first is that of '%s'", (unsigned long long)all.foreign, all.first_foreign);
	return 0;
}
