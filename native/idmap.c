/* The id maps of init's user namespace, written by the privileged starter: one write each (user_namespaces(7)); and user
 * namespaces that hold the maps of a mount. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "container.h"
#include "error.h"
#include "fd.h"
#include "mounts.h"
#include "passwd.h"

static int write_map(const struct container *c, const char *kind)
{
	/* 340 lines is the kernel's limit; a line has at most 3 * 10 digits. The kernel takes one page at the most. */
	char text[4096], path[40];
	struct op op = { 0 };
	size_t length = 0;
	_cleanup_close_ int fd = -1;

	while (plan_next_of(&c->plan, &op, OP_IDMAP)) {
		if (strcmp(op_str(&op, F_IDMAP_KIND), kind) != 0)
			continue;
		length += (size_t)snprintf(text + length, sizeof text - length, "%u %u %u\n",
					   (unsigned)op_u64(&op, F_IDMAP_INSIDE), (unsigned)op_u64(&op, F_IDMAP_OUTSIDE),
					   (unsigned)op_u64(&op, F_IDMAP_COUNT));
		if (length >= sizeof text)
			return refuse("the map is longer than one page", kind, "write the %s map", kind);
	}
	snprintf(path, sizeof path, "/proc/%d/%s_map", c->init, kind);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, length) != (ssize_t)length)
		return fail("write", path, "write the %s map", kind);
	return 0;
}

int write_id_maps(const struct container *c)
{
	if (!c->userns)
		return 0;
	return write_map(c, "uid") < 0 || write_map(c, "gid") < 0 ? -1 : 0;
}

static int map_one(pid_t holder, const char *file, unsigned disk, unsigned outside)
{
	char path[40];
	_cleanup_close_ int fd = -1;

	snprintf(path, sizeof path, "/proc/%d/%s", holder, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 || dprintf(fd, "%u %u 1", disk, outside) < 0 ? -1 : 0;
}

/* In the host's mount namespace: the kernel makes no user namespace for who has something on top of its root (clone(2), EPERM). */
static _Noreturn void hold_userns(const struct container *c, int ready)
{
	int err = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (setns(c->host_mntns, CLONE_NEWNS) < 0 || unshare(CLONE_NEWUSER) < 0)
		err = errno;
	if (write(ready, &err, sizeof err) != sizeof err || err)
		_exit(1);
	for (;;)
		pause();
}

static int await_userns(int ready)
{
	int err = ECHILD;
	ssize_t n;

	do
		n = read(ready, &err, sizeof err);
	while (n < 0 && errno == EINTR);
	errno = err;
	return err ? -1 : 0;
}

/* A user namespace with these maps; a process holds it until its descriptor is there. */
static int make_userns(const struct container *c, uid_t disk_uid, gid_t disk_gid, uid_t uid, gid_t gid)
{
	int ready[2], fd = -1, err;
	char path[40];
	pid_t holder;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return -1;
	holder = fork();
	if (holder == 0)
		hold_userns(c, ready[1]);
	close(ready[1]);
	if (holder < 0) {
		close(ready[0]);
		return -1;
	}
	snprintf(path, sizeof path, "/proc/%d/ns/user", holder);
	if (await_userns(ready[0]) == 0 && map_one(holder, "uid_map", disk_uid, uid) == 0 &&
	    map_one(holder, "gid_map", disk_gid, gid) == 0)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	err = errno;
	close(ready[0]);
	kill(holder, SIGKILL);
	while (waitpid(holder, NULL, 0) < 0 && errno == EINTR)
		;
	errno = err;
	return fd;
}

/* Of who is to be the owner of what is bound for the user of a run: root inside, unless the plan names another. */
static int find_user(const struct container *c, uid_t *uid, gid_t *gid)
{
	struct credentials found = { 0 };
	struct op op = { 0 };
	const char *reason;
	int64_t outside_uid, outside_gid;

	if (!plan_next_of(&c->plan, &op, OP_USER))
		return 0;
	reason = lookup_init_user(c->root, op_str(&op, F_USER_USER), op_str(&op, F_USER_GROUP), &found);
	if (reason)
		return refuse(reason, op_str(&op, F_USER_USER), "look up the user '%s'", op_str(&op, F_USER_USER));
	outside_uid = plan_host_id(&c->plan, "uid", found.uid);
	outside_gid = plan_host_id(&c->plan, "gid", found.gid);
	if (outside_uid < 0 || outside_gid < 0)
		return refuse("the id map does not have it", op_str(&op, F_USER_USER), "look up the user '%s'", op_str(&op, F_USER_USER));
	*uid = (uid_t)outside_uid;
	*gid = (gid_t)outside_gid;
	return 0;
}

int open_id_map(const struct container *c, uint64_t options, const struct stat *source, int target, int *userns)
{
	struct stat st;
	uid_t uid = c->root_uid;
	gid_t gid = c->root_gid;
	char path[40];

	*userns = -1;
	if (options & OPT_MAP_USER && find_user(c, &uid, &gid) < 0)
		return -1;
	if (options & OPT_MAP_TARGET && target >= 0) {
		if (fstat(target, &st) < 0)
			return fail("fstat", "", "find the owner of the target of an id-mapped mount");
		uid = st.st_uid;
		gid = st.st_gid;
	}
	if (options & (OPT_MAP_OWNER | OPT_MAP_USER | OPT_MAP_TARGET))
		*userns = make_userns(c, source->st_uid, source->st_gid, uid, gid);
	else if (options & OPT_MAP_ROOT)
		*userns = make_userns(c, 0, 0, uid, gid);
	else if (!(options & OPT_IDMAPPED) || !c->userns)
		return 0;
	else {
		snprintf(path, sizeof path, "/proc/%d/ns/user", c->init);
		*userns = open(path, O_RDONLY | O_CLOEXEC);
	}
	return *userns < 0 ? fail("open", "/proc/PID/ns/user", "open the user namespace of an id-mapped mount") : 0;
}
