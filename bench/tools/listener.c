/* listener PORT COUNT FILE: writes CLOCK_MONOTONIC (ns) to FILE when as many connections have come. Says "ready" when it listens. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1, count;
	struct timespec now;
	FILE *file;

	if (argc != 4)
		return 2;
	any.sin_port = htons((uint16_t)atoi(argv[1]));
	count = atoi(argv[2]);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&any, sizeof any) < 0 || listen(fd, 4096) < 0) {
		perror("listener");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while (count-- > 0)
		if (accept(fd, NULL, NULL) < 0)
			return 1;
	clock_gettime(CLOCK_MONOTONIC, &now);
	file = fopen(argv[3], "w");
	if (!file || fprintf(file, "%lld\n", now.tv_sec * 1000000000LL + now.tv_nsec) < 0 || fclose(file) != 0)
		return 1;
	return 0;
}
