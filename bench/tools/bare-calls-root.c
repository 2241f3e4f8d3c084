/* The root of bare-calls: what the privileged parent mounts in the outer mount namespace. */
#include "bare-calls.h"

#include <linux/mount.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

/* <sys/mount.h> declares what <linux/mount.h> does, too. */
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);
#define MNT_DETACH 2

#define LOCKED (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static int copy_tree(int fd, const char *path, unsigned flags)
{
	return (int)MUST(syscall(SYS_open_tree, fd, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | flags));
}

static void set_attributes(int tree, unsigned flags, uint64_t set, uint64_t userns)
{
	struct mount_attr attr = { .attr_set = set, .userns_fd = userns };

	MUST(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | flags, &attr, sizeof attr));
}

static void attach(int tree, const char *target)
{
	MUST(syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH));
	close(tree);
}

static void mount_root(const struct options *o, pid_t init)
{
	char path[64];
	int tree = copy_tree(AT_FDCWD, o->root, AT_RECURSIVE), userns;

	snprintf(path, sizeof path, "/proc/%d/ns/user", init);
	userns = (int)MUST(open(path, O_RDONLY | O_CLOEXEC));
	set_attributes(tree, 0, MOUNT_ATTR_IDMAP, (uint64_t)userns);
	close(userns);
	/* On top of "/", as the helper does: the new root needs no directory of the host. */
	MUST(syscall(SYS_move_mount, tree, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH));
	MUST(fchdir(tree));
	close(tree);
}

/* procfs of the init's pid namespace: an option since Linux 6.17, a child of that namespace before. */
static void mount_proc(pid_t init)
{
	char path[64];
	int fs = (int)MUST(syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC)), pidns, tree;
	pid_t child;

	snprintf(path, sizeof path, "/proc/%d/ns/pid", init);
	pidns = (int)MUST(open(path, O_RDONLY | O_CLOEXEC));
	if (syscall(SYS_fsconfig, fs, FSCONFIG_SET_FD, "pidns", NULL, pidns) == 0) {
		MUST(syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
		tree = (int)MUST(syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
		attach(tree, "proc");
	} else {
		int own = (int)MUST(open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC));

		MUST(setns(pidns, CLONE_NEWPID));
		child = (pid_t)MUST(fork());
		if (child == 0) {
			MUST(mount("proc", "proc", "proc", LOCKED, NULL));
			_exit(0);
		}
		MUST(waitpid(child, NULL, 0));
		MUST(setns(own, CLONE_NEWPID));
		close(own);
	}
	close(fs);
	close(pidns);
}

static void make_read_only(const char *path)
{
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (tree < 0 && errno == ENOENT)
		return;
	set_attributes((int)MUST(tree), AT_RECURSIVE, MOUNT_ATTR_RDONLY, 0);
	attach(tree, path);
}

static void mount_kernel_file_systems(pid_t init, int netns)
{
	int host_netns = (int)MUST(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)), sysctls;

	mount_proc(init);
	sysctls = copy_tree(AT_FDCWD, "proc/sys/net", 0);
	make_read_only("proc/sys");
	attach(sysctls, "proc/sys/net");
	MUST(setns(netns, CLONE_NEWNET));
	MUST(mount("sysfs", "sys", "sysfs", LOCKED | MS_RDONLY, NULL));
	MUST(setns(host_netns, CLONE_NEWNET));
	close(host_netns);
}

static void mount_cgroups(const struct options *o, uid_t id)
{
	for (int i = 0; i < o->mount_count; i++) {
		const char *source = o->mounts[i].source, *target = o->mounts[i].target;
		int tree;

		if (!source) {
			MUST(mount("tmpfs", target, "tmpfs", LOCKED, o->mounts[i].options));
			continue;
		}
		if (mkdir(target, 0755) == 0)
			MUST(chown(target, id, id));
		tree = copy_tree(AT_FDCWD, source, 0);
		set_attributes(tree, 0, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0);
		attach(tree, target);
	}
}

static void make_node(const char *path, unsigned major, unsigned minor, uid_t id)
{
	MUST(mknod(path, S_IFCHR | 0666, makedev(major, minor)));
	MUST(chown(path, id, id));
	MUST(chmod(path, 0666));
}

static void make_link(const char *target, const char *path, uid_t id)
{
	MUST(symlink(target, path));
	MUST(lchown(path, id, id));
}

/* The master of the console: the init's stdio is its slave. */
static int make_console(uid_t id)
{
	int unlock = 0, master = (int)MUST(open("dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)), slave;

	MUST(ioctl(master, TIOCSPTLCK, &unlock));
	slave = (int)MUST(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
	MUST(fchown(slave, id, (gid_t)-1));
	MUST(fchmod(slave, 0620));
	for (int i = 0; i < 2; i++) {
		const char *path = i ? "dev/tty1" : "dev/console";

		close((int)MUST(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)));
		attach(copy_tree(slave, "", 0), path);
	}
	close(slave);
	return master;
}

static int make_dev(uid_t id)
{
	char options[96];

	snprintf(options, sizeof options, "mode=755,size=65536,uid=%u,gid=%u", id, id);
	MUST(mount("tmpfs", "dev", "tmpfs", MS_NOSUID, options));
	make_node("dev/null", 1, 3, id);
	make_node("dev/zero", 1, 5, id);
	make_node("dev/full", 1, 7, id);
	make_node("dev/random", 1, 8, id);
	make_node("dev/urandom", 1, 9, id);
	make_node("dev/tty", 5, 0, id);
	make_link("/proc/self/fd/0", "dev/stdin", id);
	make_link("/proc/self/fd/1", "dev/stdout", id);
	make_link("/proc/self/fd/2", "dev/stderr", id);
	make_link("/proc/self/fd", "dev/fd", id);
	make_link("pts/ptmx", "dev/ptmx", id);
	MUST(mkdir("dev/pts", 0755));
	snprintf(options, sizeof options, "newinstance,ptmxmode=0666,mode=0620,gid=%u", id + 5);
	MUST(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, options));
	MUST(chown("dev/pts", id, id));
	MUST(chown("dev/pts/ptmx", id, id));
	MUST(mkdir("dev/shm", 0755));
	snprintf(options, sizeof options, "mode=1777,uid=%u,gid=%u", id, id);
	MUST(mount("tmpfs", "dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, options));
	return make_console(id);
}

static void cover(const char *path, int null, int *empty)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return;
	if (!S_ISDIR(st.st_mode)) {
		int tree = copy_tree(null, "", 0);

		set_attributes(tree, 0, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, 0);
		attach(tree, path);
	} else if (*empty < 0) {
		MUST(mount("tmpfs", path, "tmpfs", LOCKED | MS_RDONLY, "size=0,nr_inodes=1,mode=555"));
		*empty = (int)MUST(open(path, O_PATH | O_CLOEXEC));
	} else {
		attach(copy_tree(*empty, "", 0), path);
	}
}

static void make_masks(int null)
{
	static const char *const read_only[] = { "proc/bus", "proc/fs", "proc/irq", "proc/sysrq-trigger" };
	static const char *const masked[] = { "proc/acpi",	  "proc/asound",    "proc/interrupts", "proc/kcore",
					      "proc/keys",	  "proc/latency_stats", "proc/sched_debug", "proc/scsi",
					      "proc/timer_list", "proc/timer_stats", "sys/devices/virtual/powercap",
					      "sys/firmware" };
	int empty = -1;

	for (size_t i = 0; i < sizeof read_only / sizeof *read_only; i++)
		make_read_only(read_only[i]);
	for (size_t i = 0; i < sizeof masked / sizeof *masked; i++)
		cover(masked[i], null, &empty);
}

void build_root(const struct options *o, pid_t init)
{
	char path[64];
	uid_t id = (uid_t)atoi(o->first_id);
	int null = (int)MUST(open("/dev/null", O_PATH | O_CLOEXEC)), netns;

	snprintf(path, sizeof path, "/proc/%d/ns/net", init);
	netns = (int)MUST(open(path, O_RDONLY | O_CLOEXEC));
	mount_root(o, init);
	mount_kernel_file_systems(init, netns);
	mount_cgroups(o, id);
	make_dev(id);
	make_masks(null);
	MUST(syscall(SYS_pivot_root, ".", "."));
	MUST(umount2(".", MNT_DETACH));
	close(netns);
	close(null);
}
