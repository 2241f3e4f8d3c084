/* `dirty-parent COMMAND…`: runs the command as nobody should be run: all signals blocked or ignored, descriptors 0 to 2 closed, an odd
 * umask, low limits. */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static const struct {
		int resource;
		rlim_t soft;
	} low[] = { { RLIMIT_NOFILE, 40 }, { RLIMIT_FSIZE, 65536 }, { RLIMIT_STACK, 512 << 10 }, { RLIMIT_CPU, 60 }, { RLIMIT_MEMLOCK, 4096 },
		    { RLIMIT_LOCKS, 3 }, { RLIMIT_SIGPENDING, 5 } };
	sigset_t all;

	if (argc < 2)
		return 2;
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	umask(0777);
	for (size_t i = 0; i < sizeof low / sizeof *low; i++) {
		struct rlimit limit;

		getrlimit(low[i].resource, &limit);
		limit.rlim_cur = low[i].soft;
		setrlimit(low[i].resource, &limit);
	}
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	execvp(argv[1], argv + 1);
	return 127;
}
