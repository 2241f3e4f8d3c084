#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"

static bool is_procfs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

int open_procfs(void)
{
	_cleanup_close_ int fd = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && !is_procfs(fd)) {
		errno = ENODEV;
		return -1;
	}
	return take_fd(&fd);
}

int open_procfs_for(const struct plan *plan, bool with_sysctls)
{
	int fd;

	if (!plan_has(plan, OP_EXEC_LABEL) && !(with_sysctls && plan_has(plan, OP_SYSCTL)))
		return -1;
	fd = open_procfs();
	if (fd < 0)
		fail("open", "/proc", "open the host's procfs");
	return fd < 0 ? -2 : fd;
}

/* One write to a file of that procfs and of no other file system; -1 with errno. */
static int write_proc(int procfs, const char *path, const char *value)
{
	struct open_how how = {
		.flags = O_WRONLY | O_CLOEXEC | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	_cleanup_close_ int fd = (int)syscall(SYS_openat2, procfs, path, &how, sizeof how);
	size_t size = strlen(value);

	if (fd < 0)
		return -1;
	if (!is_procfs(fd)) {
		errno = EXDEV;
		return -1;
	}
	/* An empty line: a write of nothing would not reach the file. */
	return write(fd, size ? value : "\n", size ? size : 1) < 0 ? -1 : 0;
}

int write_sysctl(int procfs, const struct op *op)
{
	const char *name = op_str(op, F_SYSCTL_PATH), *value = op_str(op, F_SYSCTL_VALUE);
	char path[256];

	if (snprintf(path, sizeof path, "sys/%s", name) >= (int)sizeof path) {
		errno = ENAMETOOLONG;
		return fail("open", name, "set the kernel parameter '%s'", name);
	}
	if (write_proc(procfs, path, value) < 0)
		return fail("write", name, "set the kernel parameter '%s' to '%s'", name, value);
	return 0;
}

/* Only a process itself may write there, with the credentials that it opened the file with. The link `self` names it by the number
 * that it has in this procfs, which is none of its own pid namespace. */
static int write_own_attribute(int procfs, const char *file, const char *value)
{
	char self[32], path[128];
	ssize_t n = readlinkat(procfs, "self", self, sizeof self - 1);

	if (n <= 0)
		return -1;
	self[n] = 0;
	snprintf(path, sizeof path, "%s/attr/%s", self, file);
	return write_proc(procfs, path, value);
}

int set_exec_labels(int procfs, const struct plan *plan)
{
	struct op op = { 0 };

	while (plan_next_of(plan, &op, OP_EXEC_LABEL)) {
		const char *label = op_str(&op, F_EXEC_LABEL_LABEL);
		char command[4096];
		int result;

		if (strcmp(op_str(&op, F_EXEC_LABEL_MODEL), "apparmor") == 0) {
			snprintf(command, sizeof command, "exec %s", label);
			result = write_own_attribute(procfs, "apparmor/exec", command);
			/* Linux before 5.8: the one file is AppArmor's when it is the first of the modules. */
			if (result < 0 && errno == ENOENT)
				result = write_own_attribute(procfs, "exec", command);
		} else {
			result = write_own_attribute(procfs, "exec", label);
		}
		if (result < 0)
			return fail("write", label, "take the label '%s' of %s", label, op_str(&op, F_EXEC_LABEL_MODEL));
	}
	return 0;
}
