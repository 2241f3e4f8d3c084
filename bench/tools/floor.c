/* floor: the least that a system container costs, however it is started. What a runtime takes beyond it is the runtime's own.
 *
 *     floor ROOT PROGRAM [ARGUMENT...]
 *
 * Runs PROGRAM as process 1 of new pid, mount, uts, ipc and network namespaces, with ROOT as its root, and waits for it: no
 * configuration, no record, no monitor, no id map, no cgroup, no filter. The mounts are those that every system container has:
 * /proc, /dev with nodes, devpts and shm, /run, /sys; the loopback link is up. It stops at the first call that fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEW_NAMESPACES (CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET)

static const struct {
	const char *type, *target;
	unsigned long flags;
	const char *options;
} mounts[] = {
	{ "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "sysfs", "sys", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL },
	{ "tmpfs", "run", MS_NOSUID | MS_NODEV, "mode=755" },
	{ "tmpfs", "dev", MS_NOSUID, "mode=755,size=64k" },
	{ "devpts", "dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620" },
	{ "tmpfs", "dev/shm", MS_NOSUID | MS_NODEV, "mode=1777" },
};

static const struct {
	const char *path;
	unsigned major, minor;
} nodes[] = {
	{ "dev/null", 1, 3 },	{ "dev/zero", 1, 5 },	 { "dev/full", 1, 7 },
	{ "dev/random", 1, 8 }, { "dev/urandom", 1, 9 }, { "dev/tty", 5, 0 },
};

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define MUST(call) must((long)(call), #call, __LINE__)

static long must(long result, const char *call, int line)
{
	if (result < 0) {
		fprintf(stderr, "floor: line %d: %s: %s\n", line, call, strerror(errno));
		_exit(99);
	}
	return result;
}

/* In the new root. The directories of /dev are made once it is mounted. */
static void fill_root(void)
{
	for (size_t i = 0; i < COUNT(mounts); i++) {
		if (!strncmp(mounts[i].target, "dev/", 4))
			MUST(mkdir(mounts[i].target, 0755));
		MUST(mount(mounts[i].type, mounts[i].target, mounts[i].type, mounts[i].flags, mounts[i].options));
	}
	for (size_t i = 0; i < COUNT(nodes); i++)
		MUST(mknod(nodes[i].path, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)));
}

static void raise_loopback(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = (int)MUST(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	MUST(ioctl(fd, SIOCSIFFLAGS, &lo));
	close(fd);
}

static void run_init(char **argv)
{
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	MUST(mount(argv[0], argv[0], NULL, MS_BIND, NULL));
	MUST(chdir(argv[0]));
	fill_root();
	MUST(syscall(SYS_pivot_root, ".", "."));
	MUST(umount2(".", MNT_DETACH));
	MUST(sethostname("floor", 5));
	raise_loopback();
	execv(argv[1], argv + 1);
	_exit(98);
}

int main(int argc, char **argv)
{
	struct clone_args args = { .flags = NEW_NAMESPACES, .exit_signal = SIGCHLD };
	int status;
	pid_t init;

	if (argc < 3)
		return 2;
	init = (pid_t)MUST(syscall(SYS_clone3, &args, sizeof args));
	if (init == 0)
		run_init(argv + 1);
	MUST(waitpid(init, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
