#include "key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "commands.h"
#include "error.h"
#include "io.h"
#include "plan_ops.h"
#include "state.h"

#define TMPFS_MAGIC 0x01021994

#ifndef CTR_VERSION
#define CTR_VERSION "0.0.0"
#endif

/* Identity of a file: another content is another inode (definitions are replaced by rename) or another time. */
static size_t add_stat(char *text, size_t size, const char *name, const char *path)
{
	struct stat st = { 0 };

	if (stat(path, &st) < 0)
		memset(&st, 0, sizeof st);
	return (size_t)snprintf(text, size, "%s %llu:%llu %lld %lld.%09ld %lld.%09ld\n", name, (unsigned long long)st.st_dev,
				(unsigned long long)st.st_ino, (long long)st.st_size, (long long)st.st_mtim.tv_sec,
				st.st_mtim.tv_nsec, (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
}

static size_t add_file(char *text, size_t size, const char *dir, const char *name)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return add_stat(text, size, name, path);
}

/* On a tmpfs a hierarchy that comes or goes is a directory that does. A pure v2 tree is known by its device, and whether it may be
 * written to: our own groups change its times. */
static size_t add_cgroups(char *text, size_t size)
{
	struct statfs fs;
	struct stat st = { 0 };

	if (statfs("/sys/fs/cgroup", &fs) < 0)
		memset(&fs, 0, sizeof fs);
	if (fs.f_type == TMPFS_MAGIC)
		return add_file(text, size, "/sys/fs", "cgroup");
	if (stat("/sys/fs/cgroup", &st) < 0)
		st.st_dev = 0;
	return (size_t)snprintf(text, size, "cgroup %llu%s\n", (unsigned long long)st.st_dev, fs.f_flags & ST_RDONLY ? " ro" : "");
}

/* The settings of the host (docs/reference/settings.md); a missing file is one of zeros. */
static size_t add_settings(char *text, size_t size)
{
	const char *path = getenv("CTR_CONFIG");

	return add_stat(text, size, "settings", path && *path ? path : "/etc/ctr/ctr.conf");
}

static bool is_ours(const char *group)
{
	static const char *const files[] = { "", "/cgroup.procs", "/cgroup.subtree_control" };
	char path[2048];

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s%s", group, files[i]);
		if (access(path, W_OK) < 0)
			return false;
	}
	return true;
}

/* Of an ordinary user: his ids, and the topmost group at or above ours that he may change (src/system/delegated-cgroup.ts). */
static size_t add_user(char *text, size_t size)
{
	static const char *const mounts[] = { "/sys/fs/cgroup/unified", "/sys/fs/cgroup" };
	char groups[4096], path[2048], *own, base[640] = "-";
	size_t n;

	if (geteuid() == 0)
		return 0;
	n = add_stat(text, size, "subuid", "/etc/subuid");
	n += add_stat(text + n, size - n, "subgid", "/etc/subgid");
	own = read_small_file(AT_FDCWD, "/proc/self/cgroup", groups, sizeof groups) < 0 ? NULL : groups;
	if (own && strncmp(own, "0::", 3) != 0)
		own = strstr(own, "\n0::");
	own = own ? strchr(own, '/') : NULL;
	if (own)
		own[strcspn(own, "\n")] = 0;
	for (size_t i = 0; own && i < 2; i++) {
		char group[512];

		snprintf(path, sizeof path, "%s/cgroup.procs", mounts[i]);
		if (access(path, F_OK) < 0)
			continue;
		snprintf(group, sizeof group, "%s", own);
		while (group[1] && (snprintf(path, sizeof path, "%s%s", mounts[i], group), is_ours(path))) {
			/* In a group with processes no limit can be handed down: that makes a difference. */
			snprintf(base, sizeof base, "%s%s", strcmp(group, own) == 0 ? "own " : "", group);
			*strrchr(group, '/') = 0;
			if (!*group)
				strcpy(group, "/");
		}
		break;
	}
	return n + (size_t)snprintf(text + n, size - n, "delegated %s\n", base);
}

/* One that has died is started anew by whoever compiles next: plans are made anew for it, and only for that. One that lives, or none,
 * is no part of the key. run_dir is a container's. */
static size_t add_lxcfs(char *text, size_t size, const char *run_dir)
{
	char own[4096];
	struct statfs fs;

	snprintf(own, sizeof own, "%s/../../lxcfs", run_dir);
	if ((statfs("/var/lib/lxcfs", &fs) == 0 || errno != ENOTCONN) && (statfs(own, &fs) == 0 || errno != ENOTCONN))
		return 0;
	return (size_t)snprintf(text, size, "lxcfs has died\n");
}

/* What a plan depends on: this version of ctr and of plans, the definition and its record, the boot (kernel, features), the cgroup
 * hierarchies (their mount points are made and removed in this directory), and where the container lives. */
void make_plan_key(char *key, const char *state_dir, const char *run_dir)
{
	char boot[64] = "";
	size_t n;

	read_boot_id(boot, sizeof boot);
	n = (size_t)snprintf(key, KEY_SIZE, "ctr %s plan %d\nboot %s\n", CTR_VERSION, CTR_PLAN_VERSION, boot);
	n += add_file(key + n, KEY_SIZE - n, state_dir, "definition");
	n += add_file(key + n, KEY_SIZE - n, state_dir, "container.json");
	n += add_cgroups(key + n, KEY_SIZE - n);
	n += add_settings(key + n, KEY_SIZE - n);
	n += add_user(key + n, KEY_SIZE - n);
	n += add_lxcfs(key + n, KEY_SIZE - n, run_dir);
	add_file(key + n, KEY_SIZE - n, run_dir, ".");
	/* Of the run directory only which it is: its times change with every file in it. */
	char *times = strstr(key, "\n. ");
	if (times)
		strcpy(times + 3 + strcspn(times + 3, " "), "\n");
}

/* `key STATE_DIR RUN_DIR`: for the Node CLI, which compiles at define. */
int key_main(int argc, char **argv)
{
	char key[KEY_SIZE];

	if (argc != 3)
		die(2, "usage: clone-helper key STATE_DIR RUN_DIR");
	make_plan_key(key, argv[1], argv[2]);
	fputs(key, stdout);
	return 0;
}
