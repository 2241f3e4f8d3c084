/* payload: the init of a measured container. Writes CLOCK_MONOTONIC (ns) to /mark as soon as it runs; stays when /hold exists. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	struct timespec now;
	char text[32];
	int fd;

	clock_gettime(CLOCK_MONOTONIC, &now);
	fd = open("/mark", O_WRONLY | O_CREAT | O_TRUNC, 0666);
	snprintf(text, sizeof text, "%lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return 1;
	close(fd);
	while (access("/hold", F_OK) == 0)
		pause();
	return 0;
}
