/* A run that boots: its init is that of a tree, which nobody tells apart from the container. */
#include <signal.h>
#include <sys/wait.h>

#include "front.h"
#include "run.h"

int boot_signal(const struct container *c, int number)
{
	struct op op = { 0 };
	int planned = plan_next_of(&c->plan, &op, OP_STOP_SIGNAL) ? (int)op_u64(&op, F_STOP_SIGNAL_SIGNAL) : 0;
	int chosen;

	if (number != SIGTERM)
		return number;
	chosen = choose_stop_signal(c->init, planned);
	/* Nobody waits for an init that does not listen. */
	return chosen ? chosen : SIGKILL;
}

/* reboot(2) of a pid namespace ends its init as if by one of these. */
enum boot_end boot_end_of(int status)
{
	if (!WIFSIGNALED(status))
		return BOOT_EXITED;
	return WTERMSIG(status) == SIGHUP ? BOOT_REBOOTS : WTERMSIG(status) == SIGINT ? BOOT_POWERED_OFF : BOOT_EXITED;
}
