/* A terminal for what enters. From the container's own devpts, or it would have no name inside; and never by a path that the
 * container could have put something else at: the inode is looked at before it is opened. */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "enter.h"
#include "fd.h"
#include "io.h"
#include "terminal.h"

#define DEVPTS_SUPER_MAGIC 0x1cd1
/* The inode of ptmx in every devpts. */
#define PTMX_INODE 2
#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

static int open_master(int root)
{
	_cleanup_close_ int ptmx = open_in_root(root, "/dev/pts/ptmx", O_PATH | O_NOFOLLOW);
	struct statfs fs;
	struct stat st;

	if (ptmx < 0 || fstat(ptmx, &st) < 0 || fstatfs(ptmx, &fs) < 0)
		return -1;
	if (fs.f_type != DEVPTS_SUPER_MAGIC || st.st_ino != PTMX_INODE || !S_ISCHR(st.st_mode) || st.st_rdev != makedev(5, 2)) {
		errno = ENOTTY;
		return -1;
	}
	return reopen(ptmx, O_RDWR | O_NONBLOCK);
}

int open_container_pty(const struct entering *e, int *slave, const char **call)
{
	_cleanup_close_ int master = -1;
	_cleanup_close_ int other = -1;
	int64_t owner = plan_host_id(&e->plan, "uid", e->user.uid);
	int unlock = 0;

	*call = "open";
	master = open_master(e->root);
	if (master < 0)
		return -1;
	*call = "ioctl(TIOCSPTLCK)";
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return -1;
	*call = "ioctl(TIOCGPTPEER)";
	other = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (other < 0)
		return -1;
	/* devpts gives it to the opener, who has no id inside; its group is a matter of the mount's options. */
	*call = "fchown";
	if (fchown(other, (uid_t)owner, (gid_t)-1) < 0 || fchmod(other, 0620) < 0)
		return -1;
	terminal_copy(other);
	*slave = take_fd(&other);
	return take_fd(&master);
}
