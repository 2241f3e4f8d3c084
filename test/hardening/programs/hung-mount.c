/* Mounts a file system at DIR that never answers: nobody reads what the kernel asks it. Until its stdin ends. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char options[128], byte;
	int fd = argc == 2 ? open("/dev/fuse", O_RDWR | O_CLOEXEC) : -1;

	snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (fd < 0 || mount("hung", argv[1], "fuse.hung", MS_NOSUID | MS_NODEV, options) < 0) {
		perror("hung-mount");
		return 1;
	}
	puts("mounted");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	umount2(argv[1], MNT_DETACH);
	return 0;
}
