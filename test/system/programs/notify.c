/* Says READY=1 on $NOTIFY_SOCKET, and goes on; with an argument it ends. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static const char message[] = "STATUS=up\nREADY=1\n";
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	(void)argv;
	if (!path || fd < 0)
		return 1;
	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	if (sendto(fd, message, sizeof message - 1, 0, (struct sockaddr *)&address, sizeof address) < 0)
		return 2;
	if (argc > 1)
		return 0;
	for (;;)
		pause();
}
