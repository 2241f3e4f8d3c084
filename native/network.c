/* A network comes with its first container, or by `network up DIR`; it goes with its last port, or by `network down DIR`.
 *
 * DIR/compiled is the plan of the definition as it is, DIR/plan the one that is in force, DIR/state says since which boot. DIR/held: somebody
 * has started it, so it stays without a port. All under DIR/lock. */
#include "network.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "bridge-ports.h"
#include "commands.h"
#include "error.h"
#include "fd.h"
#include "host-ports.h"
#include "io.h"
#include "links.h"
#include "net-leases.h"
#include "netlink.h"
#include "nft-elements.h"
#include "nft.h"
#include "pass.h"
#include "network-keeper.h"
#include "state.h"

static int open_network(struct network *network, const char *name, const char *dir)
{
	*network = (struct network){ .name = name, .dirfd = -1, .lock = -1 };
	network->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (network->dirfd >= 0)
		network->lock = openat(network->dirfd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (network->lock < 0)
		return fail("open", dir, "lock network '%s'", name);
	while (flock(network->lock, LOCK_EX) < 0)
		if (errno != EINTR)
			return fail("flock", dir, "lock network '%s'", name);
	return 0;
}

static void forget_plan(struct plan *plan)
{
	*plan = (struct plan){ 0 };
}

void leave_network(struct network *network)
{
	forget_plan(&network->plan);
	close_fd(&network->lock);
	close_fd(&network->dirfd);
	network->dirfd = network->lock = -1;
}

static const char *bridge_of(const struct plan *plan)
{
	struct op op = { 0 };

	return plan_next_of(plan, &op, OP_NETWORK_BRIDGE) ? op_str(&op, F_NETWORK_BRIDGE_NAME) : "";
}

static const char *stamp_of(const struct plan *plan)
{
	struct op op = { 0 };

	return plan_next_of(plan, &op, OP_NETWORK) ? op_str(&op, F_NETWORK_STAMP) : "";
}

static bool is_of_this_boot(int dirfd)
{
	char boot[64], text[128];

	return read_boot_id(boot, sizeof boot) == 0 && read_small_file(dirfd, "state", text, sizeof text) > 0 &&
	       strncmp(text, "boot ", 5) == 0 && strncmp(text + 5, boot, strlen(boot)) == 0;
}

/* With the plan in force in network->plan. */
static bool is_up(struct network *network)
{
	if (faccessat(network->dirfd, "state", F_OK, 0) < 0 || !is_of_this_boot(network->dirfd))
		return false;
	if (plan_open(&network->plan, network->dirfd, "plan") < 0) {
		failure = (struct failure){ 0 };
		return false;
	}
	return is_our_link(bridge_of(&network->plan));
}

/* Written when all of it is there; what a start that was killed has left is found by the plan, which is there before. */
static int write_state(int dirfd)
{
	char boot[64] = "";
	_cleanup_close_ int fd = openat(dirfd, "state.new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	read_boot_id(boot, sizeof boot);
	if (fd < 0 || dprintf(fd, "boot %s\n", boot) < 0 || renameat(dirfd, "state.new", dirfd, "state") < 0)
		return fail("write", "state", "record that the network is there");
	return 0;
}

static void take_down(struct network *network)
{
	if (network->plan.bytes || plan_open(&network->plan, network->dirfd, "plan") == 0) {
		remove_passes(&network->plan, network->dirfd);
		undo_network(network);
	}
	failure = (struct failure){ 0 };
	unlinkat(network->dirfd, "state", 0);
	unlinkat(network->dirfd, "plan", 0);
	forget_plan(&network->plan);
}

static const char *table_of(const struct plan *plan)
{
	struct op op = { 0 };

	return plan_next_of(plan, &op, OP_NETWORK_TABLE) ? op_str(&op, F_NETWORK_TABLE_TABLE) : "";
}

/* `nft flush ruleset` of somebody takes our table, too, and nobody tells us. */
static int ensure_table(const struct network *network)
{
	struct op op = { 0 };

	if (!plan_next_of(&network->plan, &op, OP_NETWORK_TABLE) || has_table(op_str(&op, F_NETWORK_TABLE_FAMILY), table_of(&network->plan)))
		return 0;
	if (make_table(&op) < 0)
		return -1;
	make_passes(&network->plan, network->dirfd);
	return restore_ports(network->dirfd, table_of(&network->plan));
}

/* What somebody may have taken from a network that is there. */
static int ensure_network(struct network *network)
{
	return ensure_table(network) < 0 ? -1 : serve_network(network);
}

static int bring_up(struct network *network)
{
	/* Of a start that was killed, or of another boot. */
	take_down(network);
	if (linkat(network->dirfd, "compiled", network->dirfd, "plan", 0) < 0)
		return fail("link", "compiled", "start network '%s'", network->name);
	if (plan_open(&network->plan, network->dirfd, "plan") == 0 && execute_network(network) == 0) {
		make_passes(&network->plan, network->dirfd);
		/* Of containers that it was stopped under. */
		if (restore_ports(network->dirfd, table_of(&network->plan)) == 0 && write_state(network->dirfd) == 0)
			return 0;
	}
	struct failure first = failure;

	take_down(network);
	failure = first;
	return -1;
}

int join_network(struct network *network, const struct op *op)
{
	const char *stamp = op_str(op, F_NETWORK_STAMP);

	if (open_network(network, op_str(op, F_NETWORK_NAME), op_str(op, F_NETWORK_DIR)) < 0)
		return -1;
	if (is_up(network) ? ensure_network(network) < 0 : bring_up(network) < 0)
		return -1;
	if (strcmp(stamp_of(&network->plan), stamp) == 0)
		return 0;
	return refuse("it is in force as it was defined before; once nobody uses it, or after ctr net stop, it is the new one", network->name,
		      "join network '%s'", network->name);
}

static bool is_held(const struct network *network)
{
	return faccessat(network->dirfd, "held", F_OK, 0) == 0;
}

/* Cheaper than is_up(), which waits while the kernel removes links. */
static bool is_used(struct network *network, const char *dir)
{
	return plan_open(&network->plan, network->dirfd, "plan") == 0 && has_port(bridge_of(&network->plan), dir);
}

void release_network(const struct op *op)
{
	/* Of a start that has failed: that one counts. */
	struct failure first = failure;
	const char *dir = op_str(op, F_NETWORK_DIR);
	struct network network;

	if (open_network(&network, op_str(op, F_NETWORK_NAME), dir) == 0 && !is_held(&network) && !is_used(&network, dir))
		take_down(&network);
	failure = first;
	leave_network(&network);
}

/* Above the state: what somebody has started stays. */
static int hold(const struct network *network)
{
	_cleanup_close_ int fd = openat(network->dirfd, "held", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? fail("open", "held", "start network '%s'", network->name) : 0;
}

/* Whoever calls this holds the lock. Without a keeper nobody has read the files that changed. */
static int tell_keeper(const char *dir, bool prune)
{
	_cleanup_close_ int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dirfd < 0)
		return 1;
	if (signal_keeper(dirfd, prune ? SIGUSR1 : SIGHUP) < 0 && prune && fchdir(dirfd) == 0) {
		drop_leases("leases", "released");
		unlink("released");
	}
	/* The keeper takes it away when it is through. */
	for (int i = 0; prune && i < 400 && faccessat(dirfd, "released", F_OK, 0) == 0; i++)
		poll(NULL, 0, 5);
	return 0;
}

/* `network up|down|release|reload|prune NAME DIR`: for the Node CLI. up: started by somebody. down: gone, whoever uses it. release: gone when nobody
 * uses it, and nobody has started it. reload: its name server reads its files again. prune: it forgets the leases that the file `released` names. Prints what is wrong as JSON. */
int network_main(int argc, char **argv)
{
	struct network network;
	int result = 0;

	if (argc != 4)
		die(2, "usage: clone-helper network up|down|release|reload|prune NAME DIR");
	if (strcmp(argv[1], "reload") == 0 || strcmp(argv[1], "prune") == 0)
		return tell_keeper(argv[3], strcmp(argv[1], "prune") == 0);
	if (open_network(&network, argv[2], argv[3]) < 0) {
		report_failure(1, &failure);
		return 1;
	}
	if (strcmp(argv[1], "up") == 0) {
		result = is_up(&network) ? ensure_network(&network) : bring_up(&network);
		if (result == 0)
			result = hold(&network);
	} else if (strcmp(argv[1], "down") == 0) {
		unlinkat(network.dirfd, "held", 0);
		take_down(&network);
	} else if (strcmp(argv[1], "release") == 0) {
		if (!is_up(&network) || (!is_held(&network) && !has_port(bridge_of(&network.plan), argv[3])))
			take_down(&network);
		else
			result = serve_network(&network);
	} else {
		die(2, "usage: clone-helper network up|down|release|reload|prune NAME DIR");
	}
	if (result < 0)
		report_failure(1, &failure);
	leave_network(&network);
	return result < 0;
}
