/* A start, in order. The starter is a process of its own with the monitor's pid: when all is well it becomes the monitor by exec. */
#include "container.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devices.h"
#include "error.h"
#include "fd.h"
#include "start.h"
#include "state.h"

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

static void prepare(struct container *c)
{
	c->clone_flags = plan_clone_flags(&c->plan);
	c->userns = c->clone_flags & CLONE_NEWUSER;
	c->root_uid = plan_mapped_root(&c->plan, "uid");
	c->root_gid = plan_mapped_root(&c->plan, "gid");
	c->v1_count = c->console_count = c->device_count = 0;
	c->v2_joined = c->root_read_only = c->done = false;
	c->v2_dir = c->init_pidfd = c->sync = c->root = c->empty_dir = c->scratch = -1;
	c->host_mntns = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	c->host_netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	c->host_pidns = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
}

static void close_one(int *fd)
{
	close_fd(fd);
	*fd = -1;
}

void close_container(struct container *c)
{
	for (int i = 0; i < c->v1_count; i++)
		close_one(&c->v1_tasks[i]);
	c->v1_count = 0;
	close_one(&c->v2_dir);
	close_one(&c->sync);
	close_one(&c->root);
	close_one(&c->empty_dir);
	close_one(&c->scratch);
	close_one(&c->host_mntns);
	close_one(&c->host_netns);
	close_one(&c->host_pidns);
}

/* The outer mount namespace: what is mounted from here on is seen by nobody else. */
static int enter_outer_mounts(void)
{
	if (unshare(CLONE_NEWNS) < 0)
		return fail("unshare", "CLONE_NEWNS", "make the outer mount namespace");
	/* pivot_root(2) refuses shared mounts, and nothing may propagate to the host. */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return fail("mount", "/", "detach the mount namespace from the host's");
	return 0;
}

static pid_t call_clone(struct container *c, uint64_t flags, bool into_cgroup)
{
	struct clone_args args = {
		/* The cgroup namespace is made by init itself, once it is in its cgroups. */
		.flags = (flags & ~(uint64_t)CLONE_NEWCGROUP) | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&c->init_pidfd,
		.exit_signal = SIGCHLD,
	};

	if (into_cgroup) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)c->v2_dir;
	}
	return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

/* Linux before 5.3, or a filter that hides clone3(2): the old call, then the pidfd. */
static pid_t call_old_clone(struct container *c, uint64_t flags)
{
	pid_t pid = (pid_t)syscall(SYS_clone, (flags & ~(uint64_t)CLONE_NEWCGROUP) | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid > 0)
		c->init_pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	return pid;
}

static int write_pid(int group, pid_t pid)
{
	_cleanup_close_ int fd = openat(group, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	return fd < 0 || dprintf(fd, "%d", pid) < 0 ? fail("write", "cgroup.procs", "join the cgroups") : 0;
}

/* Makes init. In init itself this never returns. */
static int make_init(struct container *c)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fail("socketpair", "", "make init");
	c->init = call_clone(c, c->clone_flags, c->v2_dir >= 0);
	c->v2_joined = c->init >= 0 && c->v2_dir >= 0;
	if (c->init < 0 && c->v2_dir >= 0 && (errno == EINVAL || errno == E2BIG || errno == EOPNOTSUPP))
		c->init = call_clone(c, c->clone_flags, false); /* Linux before 5.7 */
	if (c->init < 0 && errno == ENOSYS)
		c->init = call_old_clone(c, c->clone_flags);
	if (c->init == 0) {
		close(pair[0]);
		c->sync = pair[1];
		run_init(c);
		_exit(125);
	}
	close(pair[1]);
	c->sync = pair[0];
	if (c->init < 0)
		return fail("clone3", "", "make init in its namespaces");
	if (c->v2_dir >= 0 && !c->v2_joined)
		return write_pid(c->v2_dir, c->init);
	return 0;
}

/* init's own failure, which it has sent before it ended. */
static int adopt_failure(const char *message, ssize_t length)
{
	if (length == (ssize_t)(1 + sizeof failure)) {
		memcpy(&failure, message + 1, sizeof failure);
		errno = failure.err;
		return -1;
	}
	return refuse("init ended without a word", "", "run init");
}

/* init was killed before it ran. By nobody but the kernel: its memory limit is too small for a program at all. */
static int explain_death(const struct container *c)
{
	siginfo_t info = { 0 };

	if (waitid(P_PIDFD, (id_t)c->init_pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == c->init &&
	    info.si_code != CLD_EXITED)
		return refuse("it was killed before it ran: the memory limit is too small", plan_name(&c->plan), "run init");
	return refuse("it ended before it ran", plan_name(&c->plan), "run init");
}

static int send_message(const struct container *c, char message)
{
	/* EPIPE: init has failed and is gone; what it said is in the socket. */
	return send(c->sync, &message, 1, MSG_NOSIGNAL) == 1 || errno == EPIPE || errno == ECONNRESET
		       ? 0
		       : fail("send", "", "speak with init");
}

static int await_exec(const struct container *c)
{
	char message[1 + sizeof failure];
	bool ready = false;

	for (;;) {
		ssize_t n = recv(c->sync, message, sizeof message, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n >= 1 && message[0] == SYNC_FAILED)
			return adopt_failure(message, n);
		if (n == 1 && message[0] == SYNC_EXEC) {
			ready = true;
			continue;
		}
		/* The end: exec has closed init's side. Or init has died on the way. */
		if (ready) {
			siginfo_t info = { 0 };

			if (waitid(P_PIDFD, (id_t)c->init_pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid &&
			    info.si_code == CLD_KILLED && info.si_status == SIGKILL)
				return explain_death(c);
			return 0;
		}
		return explain_death(c);
	}
}

/* When init fails while the root is being built, its word is the cause, not our failing on something it left. */
static int prefer_word_of_init(const struct container *c)
{
	char message[1 + sizeof failure];
	ssize_t n = recv(c->sync, message, sizeof message, MSG_DONTWAIT);

	if (n >= 1 && message[0] == SYNC_FAILED)
		adopt_failure(message, n);
	return -1;
}

static int start_in_namespaces(struct container *c)
{
	if (enter_outer_mounts() < 0)
		return -1;
	if (make_init(c) < 0)
		return -1;
	if (write_id_maps(c) < 0 || send_message(c, SYNC_MAPPED) < 0)
		return -1;
	if (make_links(c) < 0 || build_root(c) < 0)
		return prefer_word_of_init(c);
	if (send_message(c, SYNC_ROOTED) < 0)
		return -1;
	return await_exec(c);
}

/* A failed start leaves nothing: init is ended and reaped, and what the host phase made is taken away. */
static void undo_start(struct container *c, const struct op *failed_at)
{
	if (c->init > 0) {
		kill(c->init, SIGKILL);
		while (waitpid(c->init, NULL, 0) < 0 && errno == EINTR)
			;
	}
	for (int i = 0; i < c->console_count; i++)
		close(c->consoles[i]);
	c->console_count = 0;
	close_devices(c);
	undo_host_objects(&c->plan, c->dir, failed_at);
}

int start_container(struct container *c)
{
	struct op failed_at = { 0 };
	int result;

	prepare(c);
	/* Before the lock that the host phase takes: who opens a file may have to wait for it. */
	if (open_devices(c) < 0 || make_host_objects(c, &failed_at) < 0) {
		undo_start(c, &failed_at);
		close_container(c);
		return -1;
	}
	result = start_in_namespaces(c);
	/* Back to the host's mounts, and with them to its root. */
	if (setns(c->host_mntns, CLONE_NEWNS) < 0 && result == 0)
		result = fail("setns", "mnt", "return to the host's mount namespace");
	if (chdir("/") < 0 && result == 0)
		result = fail("chdir", "/", "return to the host's root");
	if (result == 0)
		result = record_state(c);
	if (result < 0)
		undo_start(c, NULL);
	close_container(c);
	return result;
}
