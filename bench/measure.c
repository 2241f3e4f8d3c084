/* measure: prints the time in ns from just before the exec of PROGRAM until the payload in its container ran (MARK, see
 * payload.c), and waits until PROGRAM and all that it started are gone.
 *
 *     measure MARK PROGRAM [ARGUMENT...]
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int argc, char **argv)
{
	long long *start = mmap(NULL, sizeof *start, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long long mark = 0;
	FILE *file;
	pid_t pid;

	if (argc < 3 || start == MAP_FAILED)
		return 2;
	unlink(argv[1]);
	/* What the program leaves behind, a monitor say, becomes our child. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		*start = now_ns();
		execv(argv[2], argv + 2);
		_exit(127);
	}
	while (wait(NULL) > 0 || errno == EINTR)
		;
	file = fopen(argv[1], "r");
	if (!file || fscanf(file, "%lld", &mark) != 1) {
		fprintf(stderr, "measure: the payload of '%s' has not run\n", argv[2]);
		return 1;
	}
	printf("%lld\n", mark - *start);
	return 0;
}
