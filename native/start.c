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
#include "first-stage.h"
#include "host-ports.h"
#include "process.h"
#include "start.h"
#include "supervise.h"
#include "sync.h"
#include "user-network.h"

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

static void prepare(struct container *c)
{
	c->clone_flags = plan_clone_flags(&c->plan);
	c->userns = c->clone_flags & CLONE_NEWUSER;
	c->first_stage = has_first_stage(&c->plan);
	c->root_uid = plan_mapped_root(&c->plan, "uid");
	c->root_gid = plan_mapped_root(&c->plan, "gid");
	c->console_count = c->device_count = 0;
	c->v2_joined = c->networked = c->settled = c->root_read_only = c->done = false;
	c->host_at = (struct op){ 0 };
	c->host_done = false;
	if (!c->beside)
		c->sync = c->sync_of_init = c->host_word = -1;
	c->v2_dir = c->init_pidfd = c->outer_mntns = c->root = c->empty_dir = c->null_dev = c->scratch = -1;
	c->host_mntns = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	c->host_netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	c->joined = 0;
	c->port_count = 0;
	c->network = 0;
	c->network_ready = c->network_output = c->network_alive = -1;
}

static void close_one(int *fd)
{
	close_fd(fd);
	*fd = -1;
}

void close_container(struct container *c)
{
	close_one(&c->v2_dir);
	close_one(&c->sync);
	close_one(&c->sync_of_init);
	close_one(&c->host_word);
	close_one(&c->root);
	close_one(&c->empty_dir);
	close_one(&c->null_dev);
	close_one(&c->scratch);
	close_one(&c->host_mntns);
	close_one(&c->host_netns);
	close_one(&c->network_ready);
	close_one(&c->network_output);
	close_parts(c);
}

/* The outer mount namespace: what is mounted from here on is seen by nobody else. */
static int enter_outer_mounts(struct container *c)
{
	if (unshare(CLONE_NEWNS) < 0)
		return fail("unshare", "CLONE_NEWNS", "make the outer mount namespace");
	/* pivot_root(2) refuses shared mounts, and nothing may propagate to the host. */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return fail("mount", "/", "detach the mount namespace from the host's");
	/* Who leaves it last takes it apart, and waits for an RCU grace period: that shall not be init on its way to exec. */
	c->outer_mntns = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	return 0;
}

static pid_t call_clone(struct container *c, uint64_t flags, bool into_cgroup)
{
	struct clone_args args = {
		.flags = flags | CLONE_PIDFD,
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
	pid_t pid = (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);

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
	/* The cgroup namespace is for when init is in its cgroups; the network namespace takes longer than all else together. */
	uint64_t flags = c->clone_flags & ~(uint64_t)(CLONE_NEWCGROUP | CLONE_NEWNET);

	c->init = call_clone(c, flags, c->v2_dir >= 0);
	c->v2_joined = c->init >= 0 && c->v2_dir >= 0;
	if (c->init < 0 && c->v2_dir >= 0 && (errno == EINVAL || errno == E2BIG || errno == EOPNOTSUPP))
		c->init = call_clone(c, flags, false); /* Linux before 5.7 */
	if (c->init < 0 && errno == ENOSYS)
		c->init = call_old_clone(c, flags);
	if (c->init == 0) {
		close(c->sync);
		c->sync = c->sync_of_init;
		run_init(c);
		_exit(125);
	}
	close_one(&c->sync_of_init);
	if (c->init < 0)
		return fail("clone3", "", "make init in its namespaces");
	if (c->v2_dir >= 0 && !c->v2_joined)
		return write_pid(c->v2_dir, c->init);
	return 0;
}

/* Where the namespaces are that it shares. */
static int bear_init(struct container *c)
{
	int result = join_namespaces(c);

	if (result == 0)
		result = make_init(c);
	return leave_namespaces(c) < 0 ? -1 : result;
}

/* Back to the host's mounts, and with them to its root. */
static int leave_outer_mounts(const struct container *c)
{
	if (setns(c->host_mntns, CLONE_NEWNS) < 0)
		return fail("setns", "mnt", "return to the host's mount namespace");
	return chdir("/") < 0 ? fail("chdir", "/", "return to the host's root") : 0;
}

/* What init and the starter do at the same time stands in docs/architecture.md. */
static int start_in_namespaces(struct container *c)
{
	if (enter_outer_mounts(c) < 0 || bear_init(c) < 0)
		return -1;
	if (write_id_maps(c) < 0 || set_outer_attributes(&c->plan, c->init) < 0 || say_to_init(c, SYNC_MAPPED) < 0)
		return -1;
	if (!c->beside && (make_host_objects(c) < 0 || say_to_init(c, SYNC_GROUPED) < 0))
		return -1;
	if (make_links(c) < 0 || start_user_network(c) < 0 || build_root(c) < 0 || await_settled(c) < 0 || await_user_network(c) < 0)
		return prefer_word_of_init(c);
	return say_to_init(c, SYNC_ROOTED);
}

/* While init takes its last steps. The record counts from when it has got its name, which is when init runs. */
static int finish_start(struct container *c, struct supervision *s)
{
	if (leave_outer_mounts(c) < 0 || (s && prepare_supervision(s, c) < 0) || run_start_hooks(c, "start-host", "creating") < 0 || prepare_state(c) < 0 ||
	    await_exec(c) < 0 || publish_state(c) < 0)
		return -1;
	run_late_hooks(c, "poststart");
	return 0;
}

/* A failed start leaves nothing: init is ended and reaped, and what the host phase made is taken away. */
static void undo_start(struct container *c)
{
	/* Whoever makes them has to be done with it. */
	(void)await_host_objects(c);
	if (c->init > 0) {
		kill(c->init, SIGKILL);
		while (waitpid(c->init, NULL, 0) < 0 && errno == EINTR)
			;
	}
	for (int i = 0; i < c->console_count; i++)
		close(c->consoles[i]);
	c->console_count = 0;
	close_devices(c);
	close_one(&c->outer_mntns);
	close_one(&c->notify);
	unlinkat(c->dirfd, "state.new", 0);
	undo_host_objects(&c->plan, c->dir, c->host_at.shape && !c->host_done ? &c->host_at : NULL);
	close_ports(c);
}

int start_container(struct container *c, struct supervision *s)
{
	int result;

	prepare(c);
	result = prepare_parts(c);
	if (result == 0)
		result = run_start_hooks(c, "pre-start", "creating");
	/* Before the lock that the host phase takes: who opens a file may have to wait for it. */
	if (result == 0)
		result = open_devices(c);
	if (result == 0)
		result = make_v2_group(c) < 0 || (!c->beside && open_sync(c) < 0) ? -1 : 0;
	if (result == 0) {
		result = start_in_namespaces(c);
		if (result == 0)
			result = finish_start(c, s);
		else
			leave_outer_mounts(c);
	}
	if (result < 0) {
		undo_start(c);
		run_late_hooks(c, "post-stop");
	}
	/* The monitor's exec closes them all, when nobody waits any more. */
	if (result < 0 || !s)
		close_container(c);
	return result;
}

/* Of an ordinary user it is a child that goes on, as root of a first stage. This process stays what it was, to explain a failure; and
 * when there is none, it has nothing more to say. */
int start_in_stage(struct container *c, struct supervision *s)
{
	struct stage_maps maps;
	int talk;
	pid_t child;

	if (!needs_first_stage(&c->plan))
		return geteuid() == 0 ? start_container(c, s) : refuse("it is one of root's", "plan", "run the compiled plan");
	if (!stage_maps_of(&maps, &c->plan))
		return refuse("its id maps are too long", "plan", "run the compiled plan");
	/* In the run directory as the user himself has it. */
	if (prepare_supervision(s, c) < 0)
		return -1;
	child = fork_first_stage(&maps, &talk);
	if (child < 0)
		return -1;
	if (child > 0) {
		if (await_first_stage(child, talk) < 0)
			return -1;
		_exit(0);
	}
	if (start_container(c, NULL) < 0)
		give_up_first_stage(talk);
	return 0;
}
