/* The compiled container: `compiled` in the run directory is the plan of the definition, `compiled.key` says of what. A plan whose
 * key is not that of now is never run: the Node compiler is, under the container's lock. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "error.h"
#include "fd.h"
#include "front.h"
#include "io.h"
#include "plan_ops.h"
#include "state.h"

#ifndef CTR_VERSION
#define CTR_VERSION "0.0.0"
#endif

#define KEY_SIZE 1024

/* Identity of a file: another content is another inode (definitions are replaced by rename) or another time. */
static size_t add_file(char *text, size_t size, const char *dir, const char *name)
{
	char path[DIR_SIZE + 160];
	struct stat st = { 0 };

	snprintf(path, sizeof path, "%s/%s", dir, name);
	if (stat(path, &st) < 0)
		st.st_ino = 0;
	return (size_t)snprintf(text, size, "%s %llu:%llu %lld %lld.%09ld %lld.%09ld\n", name, (unsigned long long)st.st_dev,
				(unsigned long long)st.st_ino, (long long)st.st_size, (long long)st.st_mtim.tv_sec,
				st.st_mtim.tv_nsec, (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
}

/* What a plan depends on: this version of ctr and of plans, the definition and its record, the boot (kernel, features), the cgroup
 * hierarchies (their mount points are made and removed in this directory), and where the container lives. */
static void make_key(char *key, const char *state_dir, const char *run_dir)
{
	char boot[64] = "";
	size_t n;

	read_boot_id(boot, sizeof boot);
	n = (size_t)snprintf(key, KEY_SIZE, "ctr %s plan %d\nboot %s\n", CTR_VERSION, CTR_PLAN_VERSION, boot);
	n += add_file(key + n, KEY_SIZE - n, state_dir, "definition.xml");
	n += add_file(key + n, KEY_SIZE - n, state_dir, "container.json");
	n += add_file(key + n, KEY_SIZE - n, "/sys/fs", "cgroup");
	add_file(key + n, KEY_SIZE - n, run_dir, ".");
	/* Of the run directory only which it is: its times change with every file in it. */
	char *times = strstr(key, "\n. ");
	if (times)
		strcpy(times + 3 + strcspn(times + 3, " "), "\n");
}

static bool is_current(const struct box *box, const char *key)
{
	char found[KEY_SIZE];
	struct stat st;

	return read_small_file(box->dirfd, "compiled.key", found, sizeof found) >= 0 && strcmp(found, key) == 0 &&
	       fstatat(box->dirfd, "compiled", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

static int write_key(const struct box *box, const char *key)
{
	_cleanup_close_ int fd = openat(box->dirfd, "compiled.key.new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || write_all(fd, key, strlen(key)) < 0 ||
	    renameat(box->dirfd, "compiled.key.new", box->dirfd, "compiled.key") < 0) {
		warn_errno("cannot write '%s/compiled.key'", box->run_dir);
		return 1;
	}
	return 0;
}

/* The key is taken before: what changes while the compiler runs makes the next start compile again. */
int compile_box(struct box *box)
{
	char key[KEY_SIZE];
	int status;

	make_key(key, box->state_dir, box->run_dir);
	unlinkat(box->dirfd, "compiled.key", 0);
	status = run_node("compile-plan", box->name, NULL);
	return status ? status : write_key(box, key);
}

int ensure_compiled(struct box *box, bool *cached)
{
	char key[KEY_SIZE];

	make_key(key, box->state_dir, box->run_dir);
	*cached = is_current(box, key);
	return *cached ? 0 : compile_box(box);
}

/* `key STATE_DIR RUN_DIR`: for the Node CLI, which compiles at define. */
int key_main(int argc, char **argv)
{
	char key[KEY_SIZE];

	if (argc != 3)
		die(2, "usage: clone-helper key STATE_DIR RUN_DIR");
	make_key(key, argv[1], argv[2]);
	fputs(key, stdout);
	return 0;
}
