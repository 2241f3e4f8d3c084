/* The keeper lives in a PID and a mount namespace of its own: with it goes what it has started, which sees the host read-only, and of
 * the directories of ctr what serves this network. `keeper` in the run directory says who it is. */
#include "network-keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "beside.h"
#include "error.h"
#include "fd.h"
#include "io.h"
#include "signals.h"
#include "state.h"

#define SHOWN "/tmp"
#define MAX_KEEPER_ARGS 32

struct keeping {
	const struct op *op;
	int dirfd, hosts, program, ready;
};

static bool read_keeper(int dirfd, pid_t *pid, unsigned long long *start)
{
	char text[160], boot[64], now[64];
	int number;

	if (read_small_file(dirfd, "keeper", text, sizeof text) <= 0 || read_boot_id(now, sizeof now) < 0 ||
	    sscanf(text, "%63s %d %llu", boot, &number, start) != 3)
		return false;
	*pid = number;
	return strcmp(boot, now) == 0;
}

static int open_keeper(int dirfd)
{
	unsigned long long start;
	pid_t pid;

	errno = ESRCH;
	return read_keeper(dirfd, &pid, &start) ? open_process(pid, start) : -1;
}

bool is_kept(int dirfd)
{
	_cleanup_close_ int pidfd = open_keeper(dirfd);

	return pidfd >= 0 && !wait_process(pidfd, 0);
}

void end_keeper(int dirfd)
{
	_cleanup_close_ int pidfd = open_keeper(dirfd);

	if (pidfd >= 0) {
		signal_pidfd(pidfd, SIGKILL);
		wait_process(pidfd, 5000);
	}
	unlinkat(dirfd, "keeper", 0);
	unlinkat(dirfd, "dnsmasq.pid", 0);
	unlinkat(dirfd, "dnsmasq.conf", 0);
}

int signal_keeper(int dirfd, int signal_number)
{
	_cleanup_close_ int pidfd = open_keeper(dirfd);

	return pidfd < 0 ? -1 : signal_pidfd(pidfd, signal_number);
}

/* By itself, before anything else: whoever has started it may be killed at any time. /proc is the host's still. */
static int write_keeper(int dirfd)
{
	char boot[64], self[32];
	ssize_t n = readlink("/proc/self", self, sizeof self - 1);
	_cleanup_close_ int fd = openat(dirfd, "keeper", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	unsigned long long start;

	if (n <= 0 || fd < 0 || read_boot_id(boot, sizeof boot) < 0)
		return -1;
	self[n] = 0;
	start = process_start((pid_t)strtol(self, NULL, 10));
	return start && dprintf(fd, "%s %s %llu\n", boot, self, start) > 0 ? 0 : -1;
}

/* The same directory in the mount namespace that the caller has now: what was opened in another one cannot be bound. */
static int open_again(int fd)
{
	char link[32], path[4096];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof path - 1);
	if (n < 0)
		return -1;
	path[n] = 0;
	return open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int bind_shown(int fd, const char *name)
{
	char source[64], target[64];

	snprintf(source, sizeof source, "/proc/self/fd/%d", fd);
	snprintf(target, sizeof target, SHOWN "/%s", name);
	return mkdir(target, 0755) < 0 || mount(source, target, NULL, MS_BIND, NULL) < 0 ? -1 : 0;
}

/* Its files have short paths that a user without rights can go, whatever the directories of ctr are; all else is read-only. */
static int show_files(const struct keeping *k)
{
	struct mount_attr closed = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID }, open = { .attr_clr = MOUNT_ATTR_RDONLY };

	_cleanup_close_ int run = open_again(k->dirfd), hosts = open_again(k->hosts);

	if (run < 0 || hosts < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", SHOWN, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755,size=64k,nr_inodes=16") < 0 ||
	    bind_shown(run, "run") < 0 || bind_shown(hosts, "hosts") < 0)
		return -1;
	/* Comfort: kernels before 5.12 have it not. */
	if (syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &closed, sizeof closed) == 0)
		syscall(SYS_mount_setattr, AT_FDCWD, SHOWN "/run", 0, &open, sizeof open);
	return chdir(SHOWN "/run");
}

static _Noreturn void give_up(int ready, const char *what)
{
	dprintf(ready, "%s: %s\n", what, strerror(errno));
	_exit(1);
}

static void close_others(const struct keeping *k)
{
	int null = open("/dev/null", O_RDWR), ready = fcntl(k->ready, F_DUPFD, 5), program = fcntl(k->program, F_DUPFD, 5);

	for (int i = 0; i < 3; i++)
		dup2(null, i);
	dup2(ready, 3);
	dup2(program, 4);
	fcntl(4, F_SETFD, FD_CLOEXEC);
	syscall(SYS_close_range, 5, ~0u, 0);
}

static _Noreturn void become_keeper(const struct keeping *k)
{
	const char *argv[MAX_KEEPER_ARGS + 4] = { "ctr-monitor", "--keep-network", "3" };
	size_t size, n = 3;
	const char *args = op_bytes(k->op, F_NETWORK_KEEPER_ARGS, &size);

	prctl(PR_SET_PDEATHSIG, 0);
	reset_signals();
	if (write_keeper(k->dirfd) < 0)
		give_up(k->ready, "cannot write down who it is");
	for (size_t at = 0; at < size && n < MAX_KEEPER_ARGS + 3; at += strlen(args + at) + 1)
		argv[n++] = args + at;
	if (show_files(k) < 0)
		give_up(k->ready, "cannot show it its files");
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	umask(077);
	close_others(k);
	syscall(SYS_execveat, 4, "", argv, (char *[]){ NULL }, AT_EMPTY_PATH);
	give_up(3, "cannot run its keeper");
}

/* A process between, whose child is nobody's and PID 1 of its namespace. */
static _Noreturn void fork_keeper(const struct keeping *k)
{
	pid_t keeper;

	setsid();
	if (unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC) < 0)
		give_up(k->ready, "cannot make its namespaces");
	keeper = fork();
	if (keeper == 0)
		become_keeper(k);
	if (keeper < 0)
		give_up(k->ready, "cannot fork");
	_exit(0);
}

static int write_config(int dirfd, const char *config)
{
	_cleanup_close_ int fd = openat(dirfd, "dnsmasq.conf", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? -1 : write_all(fd, config, strlen(config));
}

/* A NUL: it serves. Else its first line, without who says it. */
static int await_ready(int fd, const char *program)
{
	static char said[sizeof failure.reason];
	const char *words = said, *name = strrchr(program, '/');
	size_t size = 0, length;

	for (ssize_t n; size < sizeof said - 1; size += (size_t)n) {
		n = read(fd, said + size, sizeof said - 1 - size);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			break;
	}
	said[size] = 0;
	if (size && !*said)
		return 0;
	name = name ? name + 1 : program;
	length = strlen(name);
	words += strspn(words, "\n");
	if (strncmp(words, name, length) == 0 && words[length] == ':')
		words += length + 1 + strspn(words + length + 1, " ");
	said[(size_t)(words - said) + strcspn(words, "\n")] = 0;
	return refuse(*words ? words : "it ended without a word", program, "start '%s', the name server of the network", program);
}

int start_keeper(int dirfd, const struct op *op)
{
	static char monitor[4096];
	const char *hosts = op_str(op, F_NETWORK_KEEPER_HOSTS);
	_cleanup_close_ int program = -1, names = open(hosts, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), read_end = -1;
	int ready[2];
	size_t size;
	const char *args = op_bytes(op, F_NETWORK_KEEPER_ARGS, &size);
	pid_t child;

	if (names < 0)
		return fail("open", hosts, "start the name server of the network");
	if (find_beside("ctr-monitor", monitor, sizeof monitor) < 0 || (program = open(monitor, O_PATH | O_CLOEXEC)) < 0)
		return fail("open", monitor, "find the keeper of the network");
	if (write_config(dirfd, op_str(op, F_NETWORK_KEEPER_CONFIG)) < 0)
		return fail("write", "dnsmasq.conf", "start the name server of the network");
	if (pipe2(ready, O_CLOEXEC) < 0)
		return fail("pipe2", args, "start the name server of the network");
	read_end = ready[0];
	child = fork();
	if (child == 0)
		fork_keeper(&(struct keeping){ op, dirfd, names, program, ready[1] });
	close(ready[1]);
	if (child < 0)
		return fail("fork", args, "start the name server of the network");
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return await_ready(read_end, args);
}
