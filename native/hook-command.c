/* `hooks DIR POINT`: the hooks of a compiled container at a point that no start and no end has: `clone`, `destroy`. What fails is
 * told on stderr, and the exit status is 1. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "error.h"
#include "fd.h"
#include "hooks.h"

int hooks_main(int argc, char **argv)
{
	struct plan plan = { 0 };
	struct hook_context context = { .plan = &plan, .status = "stopped", .log = -1 };
	_cleanup_close_ int dir = -1;

	if (argc != 3)
		die(2, "usage: clone-helper hooks DIR POINT");
	context.dir = argv[1];
	dir = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		die(1, "'%s' cannot be opened", argv[1]);
	/* A damaged plan tells of no hook, and must not keep its container from being taken away. */
	if (plan_open(&plan, dir, "compiled") < 0) {
		warn("'%s' has no compiled plan", argv[1]);
		return 0;
	}
	context.log = open_hook_log(&plan, false);
	if (run_hooks(&context, argv[2]) < 0)
		die(1, "%s: %s", failure.step, failure.err ? strerror(failure.err) : failure.reason);
	return 0;
}
