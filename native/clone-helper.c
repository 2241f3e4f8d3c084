/* clone-helper: executes a compiled plan, and everything else about a running container that must not need Node.
 *
 * It holds no policy: what a container gets is in the plan. It never reads a configuration, never parses JSON, and refuses a
 * plan it does not understand before it makes anything. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "error.h"
#include "plan_ops.h"
#include "start.h"

static int version_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("clone-helper %d\n", CTR_PLAN_VERSION);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "start", start_main },     /* DIR: starts the plan in DIR, stays as its monitor */
	{ "restart", restart_main }, /* DIR: the monitor, after a reboot inside */
	{ "cleanup", cleanup_main }, /* DIR: ends and takes away what is left */
	{ "enter", enter_main },     /* DIR [options] -- CMD: a process in the container */
	{ "console", console_main }, /* DIR [options]: the container's console on this terminal */
	{ "stop", stop_main },	     /* DIR [options]: asks init to end, waits, kills */
	{ "lock", lock_main },	     /* FD MS: flock on an inherited descriptor */
	{ "probe", probe_main },     /* what this kernel lets us do, as JSON */
	{ "hold", hold_main },	     /* GROUP: stays in it, and keeps the unit of systemd that it is in */
	{ "key", key_main },	     /* STATE_DIR RUN_DIR: what a compiled plan depends on */
	{ "chown", chown_main },     /* ROOT JOURNAL MAP...: the owners of a tree become ids of the host */
	{ "hooks", hooks_main },     /* DIR POINT: hooks of a container that does not run */
	{ "ns-run", ns_run_main },   /* UID_MAP GID_MAP PROGRAM: as root of an ordinary user's first stage */
	{ "own-tree", own_tree_main }, /* DIR UID GID: gives away what is ours in a tree */
	{ "network", network_main },   /* up|down|release NAME DIR: a network of the host */
	{ "version", version_main },
};

int main(int argc, char **argv)
{
	/* Ignored, as by some callers, our children would be reaped before we learn how they ended (wait(2), ECHILD). */
	signal(SIGCHLD, SIG_DFL);
	for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	die(2, "usage: clone-helper start|restart|cleanup|enter|console|stop DIR [options], lock FD MS, key STATE_DIR RUN_DIR, hooks DIR POINT, "
	       "ns-run UID_MAP GID_MAP PROGRAM, own-tree DIR UID GID, network up|down|release NAME DIR, probe, version");
}
