/* Every way to a namespace of one's own, or of somebody else. Prints `CALL ERRNO`, 0 where it worked. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void report(const char *call, long result)
{
	int err = result < 0 ? errno : 0;

	/* Whoever was made has nothing to do. */
	if (result == 0 && call[0] == 'c')
		_exit(0);
	if (result > 0)
		waitpid((pid_t)result, NULL, 0);
	printf("%s %d\n", call, err);
	fflush(stdout);
}

int main(void)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	long child = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	int fd;

	if (child == 0)
		_exit(0);
	waitpid((pid_t)child, NULL, 0);
	printf("plain clone %d\n", child < 0 ? errno : 0);
	fflush(stdout);
	report("clone", syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL));
	report("clone mixed", syscall(SYS_clone, CLONE_NEWNS | CLONE_NEWUSER | CLONE_PARENT_SETTID | SIGCHLD, NULL, &fd, NULL, NULL));
	report("clone3", syscall(SYS_clone3, &args, sizeof args));
	report("unshare", unshare(CLONE_NEWUSER));
	fd = open("/proc/self/ns/user", O_RDONLY);
	report("setns", setns(fd, CLONE_NEWUSER));
	return 0;
}
