/* payload: what runs in a measured container. In every form it first writes CLOCK_MONOTONIC (ns) to /mark: that is when
 * process 1 ran, told by itself, with nothing that polls meanwhile.
 *
 *     payload              ends
 *     payload hold         stays, reaps, ends at once when it is asked to by any signal that runtimes use for that
 *     payload reach ADDRESS PORT   opens a connection, and stays
 *     payload PROGRAM...   becomes PROGRAM
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* As the kernel counts: what systemd takes for halt. */
#define SYSTEMD_HALT 37

static void write_mark(void)
{
	struct timespec now;
	char text[32];
	int fd;

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof text, "%lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
	fd = open("/mark", O_WRONLY | O_TRUNC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		perror("/mark");
	else
		close(fd);
}

static void end(int signal_number)
{
	(void)signal_number;
	_exit(0);
}

/* Handlers, since runtimes look at these to see what an init listens to. */
static void hold(void)
{
	static const int asked[] = { SIGTERM, SIGINT, SIGPWR, SIGUSR2, SYSTEMD_HALT };
	struct sigaction action = { .sa_handler = end };

	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
		sigaction(asked[i], &action, NULL);
	sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = SIG_IGN, .sa_flags = SA_NOCLDWAIT }, NULL);
	for (;;)
		pause();
}

static int reach(const char *address, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		return -1;
	hold();
	return 0;
}

int main(int argc, char **argv)
{
	write_mark();
	if (argc < 2)
		return 0;
	if (!strcmp(argv[1], "hold"))
		hold();
	if (argc == 4 && !strcmp(argv[1], "reach"))
		return reach(argv[2], argv[3]) < 0;
	execv(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
