/* A start that waits for READY=1 of init (sd_notify(3)). The monitor hears it, and tells those who ask. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "connection.h"
#include "fd.h"
#include "front.h"
#include "stop.h"

static struct connection connection;

static int ask_monitor(const struct box *box, uint64_t timeout_ms)
{
	_cleanup_close_ int dir = open(box->run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = -1, err;

	if (dir < 0 || connect_monitor(&connection, dir) < 0)
		return -1;
	if (send_frame(connection.socket, FRAME_READY, NULL, 0) == 0)
		result = await_ok(&connection, (int)timeout_ms);
	err = errno;
	close(connection.socket);
	errno = err;
	return result;
}

int await_ready_box(const struct place *place, const char *name, uint64_t timeout_ms)
{
	static struct box box;
	const char *why;
	struct problem p;

	if (find_box(&box, place, "start", name, &p) == 0) {
		if (ask_monitor(&box, timeout_ms) == 0)
			return 0;
		if (errno == ETIMEDOUT) {
			problem(&p, "CTR_START_FAILED", "cannot start '%s': it did not say READY=1 within %g s", name,
				(double)timeout_ms / 1000);
			stop_container(box.run_dir, 0, 0, true, &why);
		} else {
			problem(&p, "CTR_START_FAILED", "cannot start '%s': it ended before it said READY=1", name);
			snprintf(p.hint, sizeof p.hint, "ctr info %s says how", name);
		}
	}
	tell_problem(name, &p);
	return -1;
}
