/* What a start has made on the host, back again: of one that failed, and of a container that has ended. */
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge-ports.h"
#include "cgroup-remove.h"
#include "container.h"
#include "error.h"
#include "fd.h"
#include "host-ports.h"
#include "links.h"
#include "network.h"
#include "nics.h"
#include "user-network.h"

static void remove_partition(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && st.st_mode & MADE_BY_A_START)
		rmdir(path);
}

static void undo_host_op(const struct op *op, const char *dir, bool shared)
{
	const char *path = op_str(op, 0);

	if (op->code == OP_CGROUP_DIR && shared == !!(op_u64(op, F_CGROUP_DIR_OPTIONS) & OPT_SHARED)) {
		/* What groups share goes with the last of them: rmdir refuses while another is there. */
		if (op_u64(op, F_CGROUP_DIR_OPTIONS) & OPT_PARTITION)
			remove_partition(path);
		else if (shared)
			rmdir(path);
		else if (remove_cgroup(path) < 0)
			warn_errno("cannot remove the cgroup '%s': rmdir", path);
	}
	if (op->code == OP_BRIDGE && shared && op_u64(op, F_BRIDGE_OPTIONS) & OPT_SHARED)
		release_bridge(path, dir);
	if (op->code == OP_NETWORK && shared)
		release_network(op);
}

/* A partition of eight names in each of fourteen hierarchies, and more networks than anybody has. */
#define MAX_UNDONE 256

/* Undoes from the last operation before `upto` (NULL: all) to the first. */
static void undo_pass(const struct plan *plan, const char *dir, const struct op *upto, bool shared)
{
	struct op ops[MAX_UNDONE] = { 0 };
	struct op op = { 0 };
	int count = 0;

	while (plan_next(plan, &op) && (!upto || op.next < upto->next) && count < MAX_UNDONE)
		if (op.code == OP_CGROUP_DIR || op.code == OP_BRIDGE || op.code == OP_NETWORK)
			ops[count++] = op;
	while (count--)
		undo_host_op(&ops[count], dir, shared);
}

void undo_host_objects(const struct plan *plan, const char *dir, const struct op *upto)
{
	_cleanup_close_ int lock = -1;

	if (plan_has(plan, OP_USER_NETWORK))
		end_user_network(dir);
	/* Links of the container's own end with its network namespace, which is on its way. */
	if (plan_has(plan, OP_VETH))
		mark_dying_ports(plan, dir);
	if (plan_has(plan, OP_PHYS))
		return_nics(plan, dir);
	remove_ports(plan);
	undo_pass(plan, dir, upto, false);
	/* A start that has just found a partition there must be able to make its own group in it. Killing and waiting is over by
	 * now, so the lock is held for moments only. */
	lock = lock_host(dir);
	undo_pass(plan, dir, upto, true);
}
