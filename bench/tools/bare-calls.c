/* bare-calls: what the kernel must do for a start of the busybox template, and nothing around it.
 *
 *     bare-calls ROOT FIRST_ID [mkdir DIR | write FILE VALUE | tasks DIR | into DIR]... [seccomp FILE]
 *         [tmpfs DIR OPTIONS | bind SOURCE DIR]... exec PROGRAM
 *
 * The same namespaces, mounts, nodes, masks, cgroups, filter and capability calls as the helper makes, in the same order, with
 * no plan, no report, no monitor, no record and no path that is looked at twice. Its time from exec to the payload's exec is
 * what the helper is measured against. It stops at the first call that fails.
 *
 *   mkdir DIR         make a cgroup, removed at the end     write FILE VALUE  set a limit
 *   tasks DIR         the init joins a v1 group by itself   into DIR          the init is cloned into a v2 group
 *   seccomp FILE      an array of struct sock_filter
 *   tmpfs, bind       what is mounted on /sys/fs/cgroup: DIR is relative to ROOT, and made when missing; binds are read-only
 */
#include "bare-calls.h"

#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void write_file(const char *path, const char *text)
{
	int fd = (int)MUST(open(path, O_WRONLY | O_CLOEXEC));

	MUST(write(fd, text, strlen(text)));
	close(fd);
}

static void read_filter(struct sock_fprog *filter, const char *path)
{
	static struct sock_filter code[4096];
	int fd = (int)MUST(open(path, O_RDONLY | O_CLOEXEC));

	filter->len = (unsigned short)(MUST(read(fd, code, sizeof code)) / (long)sizeof *code);
	filter->filter = code;
	close(fd);
}

/* The parent of all containers may be there already; then it is not ours to remove. */
static void make_group(struct options *o, const char *path)
{
	if (mkdir(path, 0755) == 0)
		o->made[o->made_count++] = path;
	else if (errno != EEXIST)
		MUST(-1);
}

/* The host phase happens as its words are read. */
static void make_host_objects(struct options *o, char **word)
{
	char path[512];

	o->into = -1;
	for (; *word && strcmp(*word, "exec"); word += 2) {
		if (!strcmp(*word, "mkdir")) {
			make_group(o, word[1]);
		} else if (!strcmp(*word, "write")) {
			write_file(word[1], word[2]);
			word++;
		} else if (!strcmp(*word, "tasks")) {
			snprintf(path, sizeof path, "%s/tasks", word[1]);
			o->tasks[o->task_count++] = (int)MUST(open(path, O_WRONLY | O_CLOEXEC));
		} else if (!strcmp(*word, "into")) {
			o->into = (int)MUST(open(word[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		} else if (!strcmp(*word, "seccomp")) {
			read_filter(&o->filter, word[1]);
		} else if (!strcmp(*word, "tmpfs") && o->mount_count < MAX_MOUNTS) {
			o->mounts[o->mount_count].target = word[1];
			o->mounts[o->mount_count++].options = word[2];
			word++;
		} else if (!strcmp(*word, "bind") && o->mount_count < MAX_MOUNTS) {
			o->mounts[o->mount_count].source = word[1];
			o->mounts[o->mount_count++].target = word[2];
			word++;
		}
	}
	o->program = word[1];
}

static void remove_host_objects(const struct options *o)
{
	for (int i = o->made_count; i-- > 0;)
		for (int tries = 0; rmdir(o->made[i]) < 0 && errno == EBUSY && tries < 100; tries++)
			usleep(1000);
}

/* ---- the init ------------------------------------------------------------ */

static void bring_loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = (int)MUST(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	MUST(ioctl(fd, SIOCSIFFLAGS, &request));
	close(fd);
}

static void set_capabilities(const struct sock_fprog *filter)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	MUST(prctl(PR_CAPBSET_DROP, CAP_MKNOD, 0, 0, 0));
	if (filter->len)
		MUST(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter));
	MUST(syscall(SYS_capget, &header, data));
	data[CAP_MKNOD / 32].effective &= ~(1u << CAP_MKNOD % 32);
	data[CAP_MKNOD / 32].permitted &= ~(1u << CAP_MKNOD % 32);
	data[0].inheritable = data[1].inheritable = 0;
	MUST(syscall(SYS_capset, &header, data));
}

static void await_parent(int sync)
{
	char byte;

	if (read(sync, &byte, 1) != 1)
		_exit(99);
}

static void run_init(const struct options *o, int sync)
{
	char *argv[] = { (char *)o->program, NULL }, *envp[] = { "container=lxc-libvirt", NULL };
	int console;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	await_parent(sync);
	for (int i = 0; i < o->task_count; i++)
		MUST(write(o->tasks[i], "0", 1));
	MUST(unshare(CLONE_NEWCGROUP));
	MUST(syscall(SYS_setresgid, 0, 0, 0));
	MUST(syscall(SYS_setresuid, 0, 0, 0));
	MUST(syscall(SYS_setgroups, 0, NULL));
	await_parent(sync);
	MUST(unshare(CLONE_NEWNS));
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	MUST(chdir("/"));
	console = (int)MUST(open("/dev/console", O_RDWR | O_NOCTTY));
	MUST(setsid());
	MUST(ioctl(console, TIOCSCTTY, 0));
	for (int i = 0; i < 3; i++)
		MUST(dup2(console, i));
	close(console);
	MUST(sethostname("bare", 4));
	bring_loopback_up();
	set_capabilities(&o->filter);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	execve(o->program, argv, envp);
	_exit(98);
}

/* ---- the order ----------------------------------------------------------- */

static pid_t clone_init(const struct options *o)
{
	struct clone_args args = {
		.flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET,
		.exit_signal = SIGCHLD,
	};

	if (o->into >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)o->into;
	}
	return (pid_t)MUST(syscall(SYS_clone3, &args, sizeof args));
}

static void write_id_maps(const struct options *o, pid_t init)
{
	char path[64], map[64];

	snprintf(map, sizeof map, "0 %s 65536", o->first_id);
	snprintf(path, sizeof path, "/proc/%d/uid_map", init);
	write_file(path, map);
	snprintf(path, sizeof path, "/proc/%d/gid_map", init);
	write_file(path, map);
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	int pair[2], host_mntns, status;
	pid_t init;

	if (argc < 5)
		return 2;
	o.root = argv[1];
	o.first_id = argv[2];
	make_host_objects(&o, argv + 3);
	host_mntns = (int)MUST(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC));
	MUST(unshare(CLONE_NEWNS));
	MUST(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL));
	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
	init = clone_init(&o);
	if (init == 0) {
		close(pair[0]);
		run_init(&o, pair[1]);
	}
	close(pair[1]);
	write_id_maps(&o, init);
	MUST(write(pair[0], "m", 1));
	build_root(&o, init);
	MUST(write(pair[0], "r", 1));
	MUST(setns(host_mntns, CLONE_NEWNS));
	MUST(waitpid(init, &status, 0));
	remove_host_objects(&o);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}
