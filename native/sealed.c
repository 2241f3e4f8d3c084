/* A process of the container can open the program that another one runs through /proc/PID/exe, and root of the host's user
 * namespace could write to it (CVE-2019-5736). Where that is so, the program that enters is a sealed copy in memory: of clone-helper,
 * also when the front door enters. */
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "beside.h"
#include "enter.h"
#include "fd.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020
#endif

extern char **environ;

static int make_memfd(const char *name, unsigned flags)
{
	return (int)syscall(SYS_memfd_create, name, MFD_CLOEXEC | MFD_ALLOW_SEALING | flags);
}

static int copy_of(int program, const char *name)
{
	_cleanup_close_ int copy = make_memfd(name, MFD_EXEC);
	int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	ssize_t n;

	if (copy < 0 && errno == EINVAL)
		copy = make_memfd(name, 0); /* Linux before 6.3 */
	if (copy < 0)
		return -1;
	while ((n = sendfile(copy, program, NULL, 1 << 20)) > 0)
		;
	if (n < 0 || fcntl(copy, F_ADD_SEALS, seals) < 0)
		return -1;
	/* Linux before 6.3 has no such seal. */
	return take_fd(&copy);
}

static bool is_sealed(void)
{
	_cleanup_close_ int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int seals = fcntl(self, F_GET_SEALS);

	return seals >= 0 && seals & F_SEAL_WRITE;
}

int open_sealed(const char *name)
{
	_cleanup_close_ int program = -1;
	char path[4096];

	if (find_beside(name, path, sizeof path) < 0 || (program = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return -1;
	return copy_of(program, name);
}

int run_sealed_as(const char *program, char **argv)
{
	_cleanup_close_ int copy = -1;

	if (is_sealed()) {
		prctl(PR_SET_NAME, program, 0, 0, 0);
		return 0;
	}
	if (!argv) {
		errno = EPERM;
		return -1;
	}
	copy = open_sealed(program);
	if (copy < 0)
		return -1;
	return (int)syscall(SYS_execveat, copy, "", argv, environ, AT_EMPTY_PATH);
}

int run_sealed(char **argv)
{
	return run_sealed_as("clone-helper", argv);
}
