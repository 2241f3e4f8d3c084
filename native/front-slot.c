/* Slots of runs, and the plans that were compiled for them. What a plan of a run depends on besides its options is its slot (the name,
 * the ids) and the host: so it is compiled once, and every later run of the same options in this slot begins with its bytes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fd.h"
#include "front.h"
#include "io.h"
#include "key.h"

#define MAX_SLOTS 4096
#define RUN_KEY_SIZE (64 * 1024)
#define PATH_SIZE 4096

static int make_runs_dir(const struct place *place, struct problem *p)
{
	char path[DIR_SIZE + 16];

	snprintf(path, sizeof path, "%s/runs", place->run_dir);
	return make_private_dir(place->run_dir, p) < 0 ? -1 : make_private_dir(path, p);
}

static void leave_slot(struct slot *slot)
{
	close_fd(&slot->lock);
	close_fd(&slot->dirfd);
	slot->lock = slot->dirfd = -1;
}

/* 1: it is ours; 0: somebody else's; -1 with `p`. */
static int try_slot(struct slot *slot, const struct place *place, struct problem *p)
{
	char definition[DIR_SIZE + 64];
	struct stat ours, there;

	snprintf(slot->name, sizeof slot->name, "run-%d", slot->number);
	snprintf(slot->dir, sizeof slot->dir, "%s/runs/%d", place->run_dir, slot->number);
	snprintf(definition, sizeof definition, "%s/containers/%s/definition", place->state_dir, slot->name);
	if (access(definition, F_OK) == 0)
		return 0;
	slot->dirfd = open(slot->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (slot->dirfd < 0 && errno == ENOENT) {
		if (make_runs_dir(place, p) < 0 || make_private_dir(slot->dir, p) < 0)
			return -1;
		slot->dirfd = open(slot->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	if (slot->dirfd >= 0)
		slot->lock = openat(slot->dirfd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (slot->lock < 0 && errno != ENOENT)
		return problem(p, "CTR_IO", "cannot open '%s/lock': %s", slot->dir, strerror(errno));
	/* Or `gc` has taken the slot away in between. */
	return slot->lock >= 0 && flock(slot->lock, LOCK_EX | LOCK_NB) == 0 && fstat(slot->lock, &ours) == 0 &&
	       fstatat(slot->dirfd, "lock", &there, AT_SYMLINK_NOFOLLOW) == 0 && ours.st_ino == there.st_ino;
}

int take_slot(struct slot *slot, const struct place *place, struct problem *p)
{
	slot->dirfd = slot->lock = -1;
	for (slot->number = 0; slot->number < MAX_SLOTS; slot->number++) {
		int result = try_slot(slot, place, p);

		if (result > 0)
			return 0;
		leave_slot(slot);
		if (result < 0)
			return -1;
	}
	return problem(p, "CTR_UNSUPPORTED", "cannot run: %d runs are under way", MAX_SLOTS);
}

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif
#define SPARE "dir"

void take_spare_dir(const struct slot *slot, const struct box *box)
{
	syscall(SYS_renameat2, slot->dirfd, SPARE, AT_FDCWD, box->run_dir, RENAME_NOREPLACE);
}

bool keep_spare_dir(const struct slot *slot, const struct box *box)
{
	return syscall(SYS_renameat2, AT_FDCWD, box->run_dir, slot->dirfd, SPARE, RENAME_NOREPLACE) == 0;
}

static size_t add(char *text, size_t n, const char *piece)
{
	size_t length = strlen(piece);

	if (n + length + 1 >= RUN_KEY_SIZE)
		return RUN_KEY_SIZE;
	memcpy(text + n, piece, length);
	text[n + length] = 0;
	return n + length;
}

static size_t add_stat(char *text, size_t n, const char *path)
{
	char line[160];
	struct stat st = { 0 };

	if (stat(path, &st) < 0)
		memset(&st, 0, sizeof st);
	snprintf(line, sizeof line, " %llu:%llu %lld.%09ld\n", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino,
		 (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
	return n >= RUN_KEY_SIZE ? n : add(text, n, line);
}

/* Whether a target is there decides how its mount point is made; of one that is not, what is above it. */
static size_t add_target(char *text, size_t n, const char *bind)
{
	const char *colon = strstr(bind, ":/");
	char path[PATH_SIZE], *slash;
	struct stat st;

	snprintf(path, sizeof path, "%s", colon ? colon + 1 : bind);
	if (lstat(path, &st) == 0)
		return add(text, n, "there\n");
	do {
		slash = strrchr(path, '/');
		if (!slash || slash == path)
			return add_stat(text, n, "/");
		*slash = 0;
	} while (lstat(path, &st) < 0);
	return add_stat(text, n, path);
}

/* Whose it is decides who owns it inside. */
static size_t add_owner(char *text, size_t n, const char *path)
{
	char line[64];
	struct stat st;

	if (stat(path, &st) < 0)
		return add(text, n, "\n-");
	snprintf(line, sizeof line, "\n%u:%u", st.st_uid, st.st_gid);
	return add(text, n, line);
}

static const char *value_of(const char *word, const char *option);

/* How it is defined decides about the addresses. */
static size_t add_network(char *text, size_t n, const struct place *place, const char *word)
{
	const char *name = value_of(word, "--net") ? value_of(word, "--net") : "default";
	char path[DIR_SIZE + 120];

	snprintf(path, sizeof path, "%s/networks/%.64s/network.xml", place->state_dir, name);
	return add_stat(text, n, path);
}

static const char *value_of(const char *word, const char *option)
{
	size_t length = strlen(option);

	return strncmp(word, option, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

/* Everything that the compiler reads. False: more than fits. */
static bool make_run_key(char *key, const struct slot *slot, const struct place *place, const char *name, char **words)
{
	static const char *const tops[] = { "/", "/tmp", "/var/tmp", "/home", "/root", "/run", "/var" };
	char from[DIR_SIZE + 80] = "";
	size_t n;

	for (char **word = words; *word; word++)
		if (value_of(*word, "--from"))
			snprintf(from, sizeof from, "%s/containers/%.64s", place->state_dir, value_of(*word, "--from"));
	make_plan_key(key, from, slot->dir);
	n = strlen(key);
	for (size_t i = 0; i < sizeof tops / sizeof *tops && n < RUN_KEY_SIZE; i++) {
		struct stat st;

		/* Of the top what is in it; of the others whether they are there: what is in them changes all the time. */
		n = i ? add(key, n, lstat(tops[i], &st) < 0 ? "-" : S_ISDIR(st.st_mode) ? "d" : "l") : add_stat(key, n, tops[i]);
	}
	n = n < RUN_KEY_SIZE ? add(key, n, "\n") : n;
	n = n < RUN_KEY_SIZE ? add(key, n, name) : n;
	for (char **word = words; *word && n < RUN_KEY_SIZE; word++) {
		const char *bind = value_of(*word, "--bind") ? value_of(*word, "--bind") : value_of(*word, "--bind-ro");

		n = add(key, n, "\n");
		n = n < RUN_KEY_SIZE ? add(key, n, *word) : n;
		n = n < RUN_KEY_SIZE && bind ? add(key, n, "\n") : n;
		n = n < RUN_KEY_SIZE && bind ? add_target(key, n, bind) : n;
		if (n < RUN_KEY_SIZE && (value_of(*word, "--net") || value_of(*word, "--publish")))
			n = add_network(key, n, place, *word);
		if (n < RUN_KEY_SIZE && value_of(*word, "--rootfs"))
			n = add_owner(key, n, value_of(*word, "--rootfs"));
	}
	return n < RUN_KEY_SIZE;
}

/* FNV-1a. Two keys of one hash take turns; they are never mistaken for each other. */
static void name_plan(char *file, const char *key)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * 0x100000001b3u;
	snprintf(file, PLAN_NAME_SIZE, "%016llx", (unsigned long long)hash);
}

static bool is_current(const struct slot *slot, const char *file, const char *key)
{
	static char found[RUN_KEY_SIZE];
	char path[PLAN_NAME_SIZE + 8];

	snprintf(path, sizeof path, "%s.key", file);
	return read_small_file(slot->dirfd, path, found, sizeof found) >= 0 && strcmp(found, key) == 0 &&
	       faccessat(slot->dirfd, file, F_OK, 0) == 0;
}

static int compile_run(const struct slot *slot, const char *name, char **words, const char *file)
{
	static char *arguments[MAX_NAMES];
	char number[16];
	int n = 0;

	snprintf(number, sizeof number, "%d", slot->number);
	arguments[n++] = number;
	arguments[n++] = (char *)file;
	arguments[n++] = (char *)name;
	if (front_report)
		arguments[n++] = "--report";
	while (*words && n < MAX_NAMES - 1)
		arguments[n++] = *words++;
	return run_node_with("compile-run", arguments);
}

int ensure_run_compiled(const struct slot *slot, const struct place *place, const char *name, char **words, char *file)
{
	static char key[RUN_KEY_SIZE];
	bool fits = make_run_key(key, slot, place, name, words);
	_cleanup_close_ int fd = -1;
	char path[PLAN_NAME_SIZE + 8];
	int status;

	name_plan(file, key);
	if (fits && is_current(slot, file, key))
		return 0;
	snprintf(path, sizeof path, "%s.key", file);
	unlinkat(slot->dirfd, path, 0);
	status = compile_run(slot, name, words, file);
	if (status || !fits)
		return status;
	fd = openat(slot->dirfd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	/* Cut short it is no key: the next run compiles again. */
	if (fd >= 0 && write_all(fd, key, strlen(key)) < 0)
		unlinkat(slot->dirfd, path, 0);
	return 0;
}
