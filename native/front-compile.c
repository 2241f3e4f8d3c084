/* The compiled container: `compiled` in the run directory is the plan of the definition, `compiled.key` says of what. A plan whose
 * key is not that of now is never run: the Node compiler is, under the container's lock. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "front.h"
#include "io.h"
#include "key.h"

static bool is_current(const struct box *box, const char *key)
{
	char found[KEY_SIZE];
	struct stat st;

	return read_small_file(box->dirfd, "compiled.key", found, sizeof found) >= 0 && strcmp(found, key) == 0 &&
	       fstatat(box->dirfd, "compiled", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

static int write_key(const struct box *box, const char *key)
{
	_cleanup_close_ int fd = openat(box->dirfd, "compiled.key.new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || write_all(fd, key, strlen(key)) < 0 ||
	    renameat(box->dirfd, "compiled.key.new", box->dirfd, "compiled.key") < 0) {
		warn_errno("cannot write '%s/compiled.key'", box->run_dir);
		return 1;
	}
	return 0;
}

/* The key is taken before: what changes while the compiler runs makes the next start compile again. */
int compile_box(struct box *box)
{
	char key[KEY_SIZE];
	int status;

	make_plan_key(key, box->state_dir, box->run_dir);
	unlinkat(box->dirfd, "compiled.key", 0);
	status = run_node("compile-plan", box->name);
	return status ? status : write_key(box, key);
}

int ensure_compiled(struct box *box, bool *cached)
{
	char key[KEY_SIZE];

	make_plan_key(key, box->state_dir, box->run_dir);
	*cached = is_current(box, key);
	return *cached ? 0 : compile_box(box);
}

/* After a boot, all are stale: one compiler for all of them, instead of a Node process for each. What it cannot compile is told by
 * the start of that container. */
void compile_stale(const struct place *place, char **names, int count)
{
	static char *stale[MAX_NAMES + 1];
	static struct box box;
	struct problem p;
	int n = 0;

	for (int i = 0; i < count; i++) {
		char key[KEY_SIZE];
		bool current;

		if (find_box(&box, place, "start", names[i], &p) < 0)
			continue;
		make_plan_key(key, box.state_dir, box.run_dir);
		box.dirfd = open(box.run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		current = box.dirfd >= 0 && is_current(&box, key);
		close_fd(&box.dirfd);
		if (!current && look_at_box(&box) == BOX_STOPPED)
			stale[n++] = names[i];
	}
	stale[n] = NULL;
	if (n > 1 && has_node())
		run_node_with("compile-plans", stale);
}
