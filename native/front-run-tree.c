/* The tree that a run boots: one system at a time writes to it, as systemd-nspawn(1) has it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "front.h"
#include "front-run.h"

int lock_tree(const struct words *w, struct problem *p)
{
	int fd;

	if (!w->boot || !w->rootfs)
		return 0;
	/* What is wrong with the path the compiler says. It is ours until the end: nobody but this process has it. */
	fd = open(w->rootfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, (w->ephemeral ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return 0;
	close(fd);
	problem(p, "CTR_RUNNING", "cannot boot '%.512s': another system that writes to it runs from this tree", w->rootfs);
	snprintf(p->hint, sizeof p->hint, "--ephemeral of all of them lets many run from one tree");
	return -1;
}
