#include "vsh-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/vm_sockets.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "fd.h"
#include "io.h"

#ifndef AF_VSOCK
#define AF_VSOCK 40
#endif
/* Enough for all who connect from here at the same time. */
#define LOWEST_RESERVED 512

static int bind_vsock(int fd, uint32_t port)
{
	struct sockaddr_vm address = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = port };

	return bind(fd, (struct sockaddr *)&address, sizeof address);
}

/* On one machine every process may connect, so a reserved port is how root shows that it is root. */
static void take_reserved_port(int fd)
{
	for (uint32_t port = RESERVED_PORTS - 1; port >= LOWEST_RESERVED; port--)
		if (bind_vsock(fd, port) == 0 || errno != EADDRINUSE)
			return;
}

int vsock_connect(uint32_t cid, uint32_t port)
{
	struct sockaddr_vm address = { .svm_family = AF_VSOCK, .svm_cid = cid, .svm_port = port };
	_cleanup_close_ int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (cid <= CID_HOST)
		take_reserved_port(fd);
	return connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ? -1 : take_fd(&fd);
}

int vsock_listen(uint32_t port, int backlog)
{
	_cleanup_close_ int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 || bind_vsock(fd, port) < 0 || listen(fd, backlog) < 0 ? -1 : take_fd(&fd);
}

uint32_t vsock_port(int fd)
{
	struct sockaddr_vm address = { 0 };
	socklen_t size = sizeof address;

	return getsockname(fd, (struct sockaddr *)&address, &size) < 0 ? ANY_PORT : address.svm_port;
}

int vsock_peer(int fd, uint32_t *cid, uint32_t *port)
{
	struct sockaddr_vm address = { 0 };
	socklen_t size = sizeof address;

	if (getpeername(fd, (struct sockaddr *)&address, &size) < 0)
		return -1;
	*cid = address.svm_cid;
	*port = address.svm_port;
	return 0;
}

static int make_unix(const char *path, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof address->sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address->sun_path, path);
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

int unix_connect(const char *path)
{
	struct sockaddr_un address;
	_cleanup_close_ int fd = make_unix(path, &address);

	return fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ? -1 : take_fd(&fd);
}

/* A socket whose listener has gone: nothing else may be taken away. */
static int remove_dead_socket(const char *path)
{
	struct stat st;
	int other;

	if (lstat(path, &st) < 0 || !S_ISSOCK(st.st_mode)) {
		errno = EADDRINUSE;
		return -1;
	}
	other = unix_connect(path);
	if (other >= 0 || errno != ECONNREFUSED) {
		if (other >= 0)
			close(other);
		errno = EADDRINUSE;
		return -1;
	}
	return unlink(path);
}

int unix_listen(const char *path, int backlog, mode_t mode)
{
	struct sockaddr_un address;
	_cleanup_close_ int fd = make_unix(path, &address);
	mode_t old;
	int bound;

	if (fd < 0)
		return -1;
	/* From its first moment. */
	old = umask(0777 & ~mode);
	bound = bind(fd, (struct sockaddr *)&address, sizeof address);
	if (bound < 0 && errno == EADDRINUSE && remove_dead_socket(path) == 0)
		bound = bind(fd, (struct sockaddr *)&address, sizeof address);
	umask(old);
	return bound < 0 || listen(fd, backlog) < 0 ? -1 : take_fd(&fd);
}

int await_readable(int fd, int timeout_ms)
{
	int64_t deadline = monotonic_ms() + timeout_ms;

	for (;;) {
		struct pollfd polled = { .fd = fd, .events = POLLIN };
		int64_t left = deadline - monotonic_ms();
		int n = poll(&polled, 1, left > 0 ? (int)left : 0);

		if (n > 0)
			return 0;
		if (n == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (errno != EINTR)
			return -1;
	}
}

void keep_stdio_open(void)
{
	int fd;

	while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd < 3)
		;
	if (fd >= 3)
		close(fd);
}
