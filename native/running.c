#include "running.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fd.h"

bool has_ended(int pidfd)
{
	return wait_process(pidfd, 0);
}

const char *container_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int open_running(struct running *r, const char *path)
{
	char boot[64];

	r->name = container_name(path);
	r->init = -1;
	r->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->dir < 0 || read_run_state(r->dir, &r->state) < 0) {
		if (errno == ENOENT)
			errno = ESRCH;
		return -1;
	}
	/* Pids of another boot mean nothing. */
	if (read_boot_id(boot, sizeof boot) < 0 || strcmp(boot, r->state.boot) != 0) {
		errno = ESRCH;
		return -1;
	}
	r->init = open_process(r->state.init, r->state.init_start);
	if (r->init < 0)
		return -1;
	if (has_ended(r->init)) {
		close(r->init);
		r->init = -1;
		errno = ESRCH;
		return -1;
	}
	return 0;
}
