/* What becomes stdin, stdout and stderr of who enters: never the caller's own. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "enter.h"
#include "error.h"
#include "fd.h"
#include "io.h"
#include "relay.h"

/* A writer inside and the relay take turns less often. Beyond what the user may have (pipe(7)) it stays as it was. */
#define PIPE_BYTES (1 << 18)

/* A pipe whose inside end belongs to the user, so that /dev/stdout and the like can be opened there. */
static int make_pipe(const struct entering *e, int inside, int *outside)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		fail_enter("pipe2");
	if (fchown(ends[inside], (uid_t)plan_host_id(&e->plan, "uid", e->user.uid),
		   (gid_t)plan_host_id(&e->plan, "gid", e->user.gid)) < 0)
		fail_enter("fchown");
	fcntl(ends[0], F_SETPIPE_SZ, PIPE_BYTES);
	*outside = ends[!inside];
	return ends[inside];
}

/* The container's own, as its processes find it: of the host's nothing is handed in. */
static int open_null(const struct entering *e)
{
	_cleanup_close_ int null = open_in_root(e->root, "/dev/null", O_PATH | O_NOFOLLOW);
	struct stat st;

	if (null < 0 || fstat(null, &st) < 0 || !S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
		refuse_enter("its /dev/null is none, which --detach needs");
	return reopen(null, O_RDWR);
}

static void open_pipes(struct entering *e, struct relay *relay)
{
	e->stdio[0] = make_pipe(e, 0, &relay->in);
	e->stdio[1] = make_pipe(e, 1, &relay->out);
	e->stdio[2] = make_pipe(e, 1, &relay->err);
	/* Its other end is another open file: this says nothing to the process inside. */
	fcntl(relay->in, F_SETFL, O_NONBLOCK);
}

void open_stdio(struct entering *e, struct relay *relay)
{
	const char *call;
	int one;

	relay->terminal = relay->in = relay->out = relay->err = -1;
	if (!e->detached && !e->terminal) {
		open_pipes(e, relay);
		return;
	}
	if (e->detached) {
		one = open_null(e);
		if (one < 0)
			fail_enter("/dev/null");
	} else {
		relay->terminal = open_container_pty(e, &one, &call);
		if (relay->terminal < 0 && errno == ENOSPC)
			refuse_enter("there are no more terminals (kernel.pty.max)");
		if (relay->terminal < 0)
			end_entering(ENTER_FAILED, errno, "no terminal from its /dev/pts/ptmx: %s", call);
	}
	for (int i = 0; i < 3; i++)
		e->stdio[i] = one;
}
