/* Types a line into every terminal it can reach (TIOCSTI), with and without bits above the 32 that the kernel looks at, and pastes
 * (TIOCLINUX). Prints one line per try: file, form, errno or 0. Argument: the line. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TIOCSTI 0x5412UL
#define TIOCLINUX 0x541CUL

static int type_into(int fd, unsigned long request, const char *line)
{
	for (const char *at = line; *at; at++)
		if (syscall(SYS_ioctl, fd, request, at) < 0)
			return errno;
	return 0;
}

int main(int argc, char **argv)
{
	static const char *const files[] = { "0", "1", "2", "/dev/tty", "/dev/console", "/dev/tty1" };
	char paste = 3;

	for (size_t i = 0; argc > 1 && i < sizeof files / sizeof *files; i++) {
		int fd = files[i][0] == '/' ? open(files[i], O_RDWR | O_NOCTTY) : files[i][0] - '0';

		if (fd < 0)
			continue;
		printf("%s plain %d\n", files[i], type_into(fd, TIOCSTI, argv[1]));
		printf("%s high-bits %d\n", files[i], type_into(fd, TIOCSTI | 1UL << 32, argv[1]));
		printf("%s paste %d\n", files[i], syscall(SYS_ioctl, fd, TIOCLINUX, &paste) < 0 ? errno : 0);
	}
	return 0;
}
