/* pty-cat PROGRAM [ARGUMENT]...: runs it with its stdout on a new pty, and copies what comes out to our stdout, as cat(1) would. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static char buffer[131072];
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave, status = 1;
	ssize_t n;

	if (argc < 2 || master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		return 1;
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	if (slave < 0)
		return 1;
	if (fork() == 0) {
		dup2(slave, 1);
		close(slave);
		close(master);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	close(slave);
	/* EIO once the program has ended and all has been read. */
	while ((n = read(master, buffer, sizeof buffer)) > 0)
		if (write(1, buffer, (size_t)n) != n)
			return 1;
	wait(&status);
	return status ? 1 : 0;
}
