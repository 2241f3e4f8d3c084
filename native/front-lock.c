/* The lock of a container: flock(2) on a file of its run directory. It belongs to the open file, so the starter that inherits it
 * holds it until it becomes the monitor, also when its caller dies. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "front.h"
#include "lock.h"
#include "state.h"

#define LOCK_TIMEOUT_MS 10000

/* Nobody else may have put it there, or be able to change what is in it. */
int make_private_dir(const char *path, struct problem *p)
{
	struct stat st;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return problem(p, "CTR_IO", "cannot make directory '%s': %s", path, strerror(errno));
	if (lstat(path, &st) < 0)
		return problem(p, "CTR_IO", "cannot use directory '%s': %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 022))
		return 0;
	problem(p, "CTR_IO", "cannot use directory '%s': it %s", path,
		S_ISLNK(st.st_mode) ? "is a symbolic link" : !S_ISDIR(st.st_mode) ? "is not a directory"
						      : st.st_uid != geteuid()	  ? "belongs to another user"
										  : "can be written by others");
	snprintf(p->hint, sizeof p->hint, "CTR_STATE_DIR and CTR_RUN_DIR name other directories");
	return -1;
}

/* <run>, <run>/containers, <run>/containers/NAME, from the top: what lies below a directory of somebody else is not ours, whoever
 * owns it. */
static int make_run_dirs(struct box *box, struct problem *p)
{
	char *name = strrchr(box->run_dir, '/'), *containers;
	int result;

	*name = 0;
	containers = strrchr(box->run_dir, '/');
	*containers = 0;
	result = make_private_dir(box->run_dir, p);
	*containers = '/';
	if (result == 0)
		result = make_private_dir(box->run_dir, p);
	*name = '/';
	return result < 0 ? -1 : make_private_dir(box->run_dir, p);
}

static void close_table(FILE **table)
{
	if (*table)
		fclose(*table);
}

/* Whom the kernel's table names, a process of this pid namespace that lives: a helper that took it for another program has ended, and
 * what is named in the file is that program. 0: nobody can say. */
static pid_t find_holder(const struct box *box)
{
	__attribute__((cleanup(close_table))) FILE *table = fopen("/proc/locks", "re");
	char line[160], text[64] = "";
	unsigned long long inode, start = 0;
	struct stat st;
	int pid = 0;

	if (fstat(box->lock, &st) < 0)
		return 0;
	while (table && fgets(line, sizeof line, table))
		if (sscanf(line, "%*d: FLOCK %*s WRITE %d %*x:%*x:%llu", &pid, &inode) == 2 && inode == st.st_ino && process_start(pid))
			return pid;
	return pread(box->lock, text, sizeof text - 1, 0) > 0 && sscanf(text, "%d %llu", &pid, &start) == 2 && process_matches(pid, start)
		       ? pid
		       : 0;
}

static int locked(const struct box *box, const char *verb, struct problem *p)
{
	pid_t pid = find_holder(box);

	if (pid)
		problem(p, "CTR_LOCKED", "cannot %s '%s': pid %d has held its lock for %d s or longer", verb, box->name, pid,
			LOCK_TIMEOUT_MS / 1000);
	else
		problem(p, "CTR_LOCKED", "cannot %s '%s': another command has held its lock for %d s or longer", verb, box->name,
			LOCK_TIMEOUT_MS / 1000);
	snprintf(p->hint, sizeof p->hint, "wait for that command to end, or end it");
	return -1;
}

int lock_box(struct box *box, const char *verb, struct problem *p)
{
	for (;;) {
		struct stat ours, there;

		if (make_run_dirs(box, p) < 0)
			return -1;
		box->dirfd = open(box->run_dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		box->lock = box->dirfd < 0 ? -1
					   : openat(box->dirfd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
		if (box->lock < 0 && errno != ENOENT)
			return problem(p, "CTR_IO", "cannot open the lock of '%s': %s", box->name, strerror(errno));
		if (box->lock >= 0) {
			if (lock_file(box->lock, LOCK_TIMEOUT_MS) < 0)
				return locked(box, verb, p);
			/* Whoever held it may have removed it with its directory: then it is another's by now. */
			if (fstat(box->lock, &ours) == 0 && fstatat(box->dirfd, "lock", &there, AT_SYMLINK_NOFOLLOW) == 0 &&
			    ours.st_ino == there.st_ino)
				break;
		}
		unlock_box(box);
	}
	return 0;
}

void unlock_box(struct box *box)
{
	close_fd(&box->lock);
	close_fd(&box->dirfd);
	box->lock = box->dirfd = -1;
}
