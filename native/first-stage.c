#include "first-stage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "id-programs.h"
#include "io.h"

#define STEP "make a user namespace of one's own"

static bool add_line(char *text, size_t size, const struct op *op)
{
	size_t used = strlen(text);
	int n = snprintf(text + used, size - used, "%u %u %u\n", (unsigned)op_u64(op, F_STAGE_IDMAP_INSIDE),
			 (unsigned)op_u64(op, F_STAGE_IDMAP_OUTSIDE), (unsigned)op_u64(op, F_STAGE_IDMAP_COUNT));

	return n > 0 && (size_t)n < size - used;
}

bool stage_maps_of(struct stage_maps *maps, const struct plan *plan)
{
	struct op op = { 0 };

	maps->uid[0] = maps->gid[0] = 0;
	while (plan_next_of(plan, &op, OP_STAGE_IDMAP))
		if (strcmp(op_str(&op, F_STAGE_IDMAP_KIND), "uid") == 0 ? !add_line(maps->uid, sizeof maps->uid, &op)
									    : !add_line(maps->gid, sizeof maps->gid, &op))
			return false;
	return maps->uid[0] && maps->gid[0];
}

bool has_first_stage(const struct plan *plan)
{
	struct op op = { 0 };

	return plan_next_of(plan, &op, OP_STAGE_IDMAP);
}

bool needs_first_stage(const struct plan *plan)
{
	return geteuid() != 0 && has_first_stage(plan);
}

static bool reads(const char *path, char value)
{
	char text[16];

	return read_small_file(AT_FDCWD, path, text, sizeof text) > 0 && text[0] == value && (text[1] == '\n' || !text[1]);
}

/* Why an ordinary user gets no user namespace, or none that is of use: what this host says about it. */
static int refuse_namespaces(const char *call)
{
	int err = errno;

	if (reads("/proc/sys/user/max_user_namespaces", '0'))
		return refuse("this host allows no user namespaces (user.max_user_namespaces is 0)", "max_user_namespaces", STEP);
	if (reads("/proc/sys/kernel/unprivileged_userns_clone", '0'))
		return refuse("this host allows them to root alone (kernel.unprivileged_userns_clone is 0)", "unprivileged_userns_clone",
			      STEP);
	if (reads("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
		return refuse("by AppArmor only chosen programs may (kernel.apparmor_restrict_unprivileged_userns is 1)",
			      "apparmor_restrict_unprivileged_userns", STEP);
	errno = err;
	return fail(call, "CLONE_NEWUSER", STEP);
}

static int write_own(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write_all(fd, text, strlen(text)) < 0 ? -1 : 0;
}

static bool is_single(const char *map)
{
	return strchr(map, '\n')[1] == 0;
}

static bool is_own(const struct stage_maps *maps)
{
	return is_single(maps->uid) && is_single(maps->gid);
}

/* One's own id needs no permission; the groups of one's own cannot be given up then (user_namespaces(7)). */
static int write_own_maps(const struct stage_maps *maps)
{
	if (write_own("/proc/self/setgroups", "deny") < 0 || write_own("/proc/self/uid_map", maps->uid) < 0 ||
	    write_own("/proc/self/gid_map", maps->gid) < 0)
		return refuse_namespaces("write");
	return 0;
}

/* Whoever has them written knows what went wrong. */
static int await_maps(int talk)
{
	struct failure theirs;
	ssize_t n;

	do
		n = recv(talk, &theirs, sizeof theirs, 0);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)sizeof theirs)
		failure = theirs;
	return n == 1 ? 0 : refuse("its maps were not written", "", STEP);
}

static int enter(const struct stage_maps *maps, int talk)
{
	char word = 0;

	/* Who may not be looked into belongs to root, and then nobody else may write its maps. exec makes an end of that; until then
	 * only the user's own processes can look in, who are as mighty outside. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return refuse_namespaces("unshare");
	if (is_own(maps)) {
		if (write_own_maps(maps) < 0)
			return -1;
	} else if (send(talk, &word, 1, MSG_NOSIGNAL) != 1 || await_maps(talk) < 0) {
		return -1;
	}
	/* The first thing that takes a capability. */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return refuse_namespaces("mount");
	return 0;
}

_Noreturn void give_up_first_stage(int talk)
{
	send(talk, &failure, sizeof failure, MSG_NOSIGNAL);
	_exit(1);
}

int await_first_stage(pid_t child, int talk)
{
	struct failure theirs;
	ssize_t n;

	do
		n = recv(talk, &theirs, sizeof theirs, 0);
	while (n < 0 && errno == EINTR);
	close(talk);
	if (n != (ssize_t)sizeof theirs)
		return 0;
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	failure = theirs;
	return -1;
}

/* Waits until the child asks for its maps, and has them written by the programs that may. */
static int serve_maps(const struct stage_maps *maps, pid_t child, int talk)
{
	struct failure theirs;
	char word = 0;
	ssize_t n;

	do
		n = recv(talk, &theirs, sizeof theirs, 0);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)sizeof theirs)
		failure = theirs;
	if (n != 1)
		return n < 1 ? refuse("it ended before its maps were written", "", STEP) : -1;
	if (write_maps_by_programs(child, maps->uid, maps->gid) < 0)
		return -1;
	return send(talk, &word, 1, MSG_NOSIGNAL) == 1 ? 0 : fail("send", "", STEP);
}

pid_t fork_first_stage(const struct stage_maps *maps, int *talk)
{
	int pair[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fail("socketpair", "", STEP);
	child = fork();
	if (child == 0) {
		close(pair[0]);
		*talk = pair[1];
		if (enter(maps, *talk) < 0)
			give_up_first_stage(*talk);
		setsid();
		return 0;
	}
	close(pair[1]);
	*talk = pair[0];
	if (child < 0) {
		close(*talk);
		return fail("fork", "", STEP);
	}
	if (is_own(maps) || serve_maps(maps, child, *talk) == 0)
		return child;
	close(*talk);
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return -1;
}

int enter_first_stage(const struct stage_maps *maps)
{
	int pair[2], result;
	pid_t helper, self = getpid();

	if (is_own(maps))
		return enter(maps, -1);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 || (helper = fork()) < 0)
		return fail("fork", "", STEP);
	if (helper == 0) {
		close(pair[0]);
		if (serve_maps(maps, self, pair[1]) < 0)
			give_up_first_stage(pair[1]);
		_exit(0);
	}
	close(pair[1]);
	result = enter(maps, pair[0]);
	close(pair[0]);
	while (waitpid(helper, NULL, 0) < 0 && errno == EINTR)
		;
	return result;
}

int join_first_stage(pid_t init)
{
	_cleanup_close_ int own = -1;
	_cleanup_close_ int stage = -1;
	struct stat ours, theirs;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/ns/user", init);
	own = open(path, O_RDONLY | O_CLOEXEC);
	stage = own < 0 ? -1 : ioctl(own, NS_GET_PARENT);
	if (stage < 0 || fstat(stage, &theirs) < 0 || stat("/proc/self/ns/user", &ours) < 0)
		return -1;
	if (ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev)
		return 0;
	return setns(stage, CLONE_NEWUSER);
}
