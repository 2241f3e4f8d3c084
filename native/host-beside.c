/* The host phase beside the rest of the start. Groups with their limits take as long as the outer mount namespace and the clone of init
 * together, and nothing of these needs them: the command that has read the plan makes them itself, while its child, the starter, goes on. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "container.h"
#include "error.h"
#include "fd.h"
#include "sync.h"

/* What takes its time, runs programs or needs what the starter opens is left to the starter; hooks run before anything is made. */
static bool can_be_beside(const struct container *c)
{
	struct op op = c->host_at;
	bool any = false;

	if (plan_has(&c->plan, OP_HOOK) || plan_has(&c->plan, OP_DEVICE))
		return false;
	while (plan_next_in(&c->plan, &op, PHASE_HOST)) {
		if (op.code == OP_CGROUP_UNIT || op.code == OP_BRIDGE || op.code == OP_HOST_DIRECTORY)
			return false;
		/* Of the v2 group, which the starter makes. */
		if (op.code == OP_CGROUP_OWNER && op_u64(&op, F_CGROUP_OWNER_VERSION) == 2)
			return false;
		any |= op.code == OP_CGROUP_DIR;
	}
	return any;
}

int open_sync(struct container *c)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fail("socketpair", "", "make init");
	c->sync = pair[0];
	c->sync_of_init = pair[1];
	return 0;
}

void open_beside(struct container *c, int *word)
{
	int ends[2];

	pass_v2_group(c);
	*word = -1;
	c->beside = can_be_beside(c) && pipe2(ends, O_CLOEXEC) == 0;
	if (!c->beside)
		return;
	c->host_word = ends[0];
	*word = ends[1];
	if (open_sync(c) == 0)
		return;
	/* The starter will say it. */
	memset(&failure, 0, sizeof failure);
	close(c->host_word);
	close_fd(word);
	*word = -1;
	c->beside = false;
}

void make_beside(struct container *c, int word)
{
	/* Theirs: they shall see each other's end. */
	close(c->sync_of_init);
	close(c->host_word);
	if (make_host_objects(c) == 0 && say_to_init(c, SYNC_GROUPED) == 0)
		memset(&failure, 0, sizeof failure);
	/* Who does not hear it is gone, and the groups are for the next command to take away. */
	if (write(word, &failure, sizeof failure) < 0)
		memset(&failure, 0, sizeof failure);
	close(word);
	close(c->sync);
}

int await_host_objects(struct container *c)
{
	struct failure said;
	ssize_t n;

	if (!c->beside || c->host_done)
		return 0;
	do
		n = read(c->host_word, &said, sizeof said);
	while (n < 0 && errno == EINTR);
	c->beside = false;
	/* Of one that failed or was ended nobody knows how far it has come: all of it is undone. */
	if (n != (ssize_t)sizeof said || said.step[0])
		c->host_at = (struct op){ 0 };
	if (n != (ssize_t)sizeof said)
		return refuse("the command that makes them was ended", plan_name(&c->plan), "make the cgroups");
	c->host_done = !said.step[0];
	if (c->host_done)
		return 0;
	if (!failure.step[0])
		failure = said;
	errno = failure.err;
	return -1;
}
