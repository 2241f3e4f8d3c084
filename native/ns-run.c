/* `ns-run` and `own-tree`: what an ordinary user needs of his first stage without a container. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "commands.h"
#include "error.h"
#include "fd.h"
#include "first-stage.h"

/* Of a tree that a template makes. */
#define MAX_DEPTH 64

extern char **environ;

/* `0 1000 1,1 100000 65536` */
static void read_map(char *to, size_t size, const char *text)
{
	size_t length = (size_t)snprintf(to, size, "%s\n", text);

	if (length >= size || !*text)
		die(2, "ns-run: '%.40s' is no id map", text);
	for (char *at = to; *at; at++)
		if (*at == ',')
			*at = '\n';
}

/* `ns-run UID_MAP GID_MAP PROGRAM [ARG…]`: the program runs as root of a first stage with these maps. Its exit status. */
int ns_run_main(int argc, char **argv)
{
	static struct stage_maps maps;
	int talk, status;
	pid_t child;

	if (argc < 4 || argv[3][0] != '/')
		die(2, "usage: clone-helper ns-run UID_MAP GID_MAP PROGRAM [ARG…]");
	read_map(maps.uid, sizeof maps.uid, argv[1]);
	read_map(maps.gid, sizeof maps.gid, argv[2]);
	child = fork_first_stage(&maps, &talk);
	if (child < 0) {
		report_failure(STDOUT_FILENO, &failure);
		return 125;
	}
	if (child == 0) {
		execve(argv[3], argv + 3, environ);
		fail("execve", argv[3], "run '%s'", argv[3]);
		give_up_first_stage(talk);
	}
	if (await_first_stage(child, talk) < 0) {
		report_failure(STDOUT_FILENO, &failure);
		return 125;
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

struct owning {
	uid_t uid;
	gid_t gid;
};

/* Only what belongs to the maker is given away, so a walk that was cut off can be done again. A change of owner takes set-uid bits. */
static int own(int fd, const struct stat *st, const struct owning *to)
{
	bool user = st->st_uid == 0 && to->uid, group = st->st_gid == 0 && to->gid;

	if (!user && !group)
		return 0;
	if (fchownat(fd, "", user ? to->uid : (uid_t)-1, group ? to->gid : (gid_t)-1, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (S_ISLNK(st->st_mode) || !(st->st_mode & 06000))
		return 0;

	char path[32];

	/* Of this very file: fchmod(2) takes no O_PATH descriptor. */
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return chmod(path, st->st_mode & 07777);
}

/* Descriptor by descriptor, no symbolic link followed. The directory itself comes last: it is what a cut-off walk is known by. */
static int own_tree(int fd, const struct owning *to, int depth)
{
	_cleanup_close_ int readable = -1;
	struct dirent *entry;
	struct stat st;
	DIR *dir = NULL;
	int result = 0;

	if (fstat(fd, &st) < 0)
		return -1;
	if (S_ISDIR(st.st_mode)) {
		if (depth == MAX_DEPTH) {
			errno = ELOOP;
			return -1;
		}
		readable = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		dir = readable < 0 ? NULL : fdopendir(readable);
		if (!dir)
			return -1;
		readable = -1;
	}
	while (dir && result == 0 && (errno = 0, entry = readdir(dir))) {
		_cleanup_close_ int next = -1;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		next = openat(fd, entry->d_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		result = next < 0 ? -1 : own_tree(next, to, depth + 1);
	}
	if (dir)
		closedir(dir);
	return result < 0 ? -1 : own(fd, &st, to);
}

/* `own-tree DIR UID GID`: what belongs to 0 in this tree belongs to these ids afterwards. */
int own_tree_main(int argc, char **argv)
{
	_cleanup_close_ int fd = argc == 4 ? open(argv[1], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	struct owning to;

	if (argc != 4)
		die(2, "usage: clone-helper own-tree DIR UID GID");
	to = (struct owning){ (uid_t)strtoul(argv[2], NULL, 10), (gid_t)strtoul(argv[3], NULL, 10) };
	if (fd >= 0 && own_tree(fd, &to, 0) == 0)
		return 0;
	fail("chown", argv[1], "give the tree '%s' to the container", argv[1]);
	report_failure(STDOUT_FILENO, &failure);
	return 125;
}
