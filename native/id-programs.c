#include "id-programs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "io.h"

#define MAX_WORDS 340

/* Never looked for in PATH: what they are given is who a container's root is outside. */
static const char *const folders[] = { "/usr/bin", "/bin", "/usr/local/bin", "/run/wrappers/bin" };

struct id_program {
	const char *name;
	char path[64];
	pid_t child;
	int output;
};

static int find_program(struct id_program *p)
{
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(p->path, sizeof p->path, "%s/%s", folders[i], p->name);
		if (access(p->path, X_OK) == 0)
			return 0;
	}
	return refuse("this program is missing", p->name, "write the id maps by '%s'", p->name);
}

static _Noreturn void run_program(const struct id_program *p, pid_t pid, const char *map, int output)
{
	static char text[2048], number[16];
	char *argv[MAX_WORDS + 3], *rest = text;
	int argc = 2, null = open("/dev/null", O_RDONLY);

	snprintf(text, sizeof text, "%s", map);
	snprintf(number, sizeof number, "%d", pid);
	argv[0] = (char *)p->name;
	argv[1] = number;
	for (char *word; argc < MAX_WORDS + 2 && (word = strsep(&rest, " \n"));)
		if (*word)
			argv[argc++] = word;
	argv[argc] = NULL;
	dup2(null, 0);
	dup2(output, 1);
	dup2(output, 2);
	execve(p->path, argv, (char *[]){ NULL });
	_exit(127);
}

static int launch(struct id_program *p, pid_t pid, const char *map)
{
	int ends[2];

	if (find_program(p) < 0)
		return -1;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail("pipe2", p->name, "write the id maps by '%s'", p->name);
	p->output = ends[0];
	p->child = fork();
	if (p->child == 0)
		run_program(p, pid, map, ends[1]);
	close(ends[1]);
	return p->child < 0 ? fail("fork", p->name, "write the id maps by '%s'", p->name) : 0;
}

/* It must act as root: set-uid, or with the one capability, on a file system and in a process where that counts. */
static const char *lacks_rights(const char *path)
{
	char text[4096], xattr[64];
	struct statvfs fs;
	struct stat st;

	if (read_small_file(AT_FDCWD, "/proc/self/status", text, sizeof text) > 0 && strstr(text, "\nNoNewPrivs:\t1"))
		return "this process may gain no privileges (no_new_privs), which it needs";
	if (statvfs(path, &fs) == 0 && fs.f_flag & ST_NOSUID)
		return "it lies on a file system mounted with nosuid";
	if (stat(path, &st) == 0 && !(st.st_mode & S_ISUID && st.st_uid == 0) &&
	    getxattr(path, "security.capability", xattr, sizeof xattr) < 0)
		return "it is not set-uid root";
	return NULL;
}

/* What it says, on one line and without its own name: `uid range [1-65537) -> [5-65541) not allowed`. */
static void read_answer(int fd, char *text, size_t size)
{
	ssize_t n = read(fd, text, size - 1);
	char *colon;

	text[n > 0 ? n : 0] = 0;
	text[strcspn(text, "\n")] = 0;
	colon = strstr(text, ": ");
	if (colon)
		memmove(text, colon + 2, strlen(colon + 2) + 1);
}

static int collect(struct id_program *p)
{
	char answer[100], reason[128];
	const char *rights;
	int status = 0;

	read_answer(p->output, answer, sizeof answer);
	close(p->output);
	while (waitpid(p->child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	rights = lacks_rights(p->path);
	snprintf(reason, sizeof reason, "%s%s", rights ? "" : "it refused: ", rights ? rights : *answer ? answer : "without a word");
	return refuse(reason, p->path, "write the id maps by '%s'", p->path);
}

int write_maps_by_programs(pid_t pid, const char *uid_map, const char *gid_map)
{
	struct id_program uid = { .name = "newuidmap" }, gid = { .name = "newgidmap" };
	int result;

	if (launch(&uid, pid, uid_map) < 0)
		return -1;
	result = launch(&gid, pid, gid_map);
	if (collect(&uid) < 0)
		result = -1;
	return gid.child > 0 && collect(&gid) < 0 ? -1 : result;
}
