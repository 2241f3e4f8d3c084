/* The cgroups that the plan names. The starter has checked it, so it is only stepped through here, operation by operation. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "io.h"
#include "monitor.h"
#include "plan_ops.h"
#include "protocol.h"
#include "text.h"

#define PLAN_HEADER 24

static void put_path(struct text *path, const char *group, const char *file)
{
	text_add(path, group);
	text_add(path, file);
}

/* Whether a file of a memory cgroup counts any kill. */
static bool counts_kills(const char *group, const char *file)
{
	static const char key[] = "oom_kill ";
	struct text path = { 0 };
	char content[1024];
	const char *found;

	put_path(&path, group, file);
	if (read_small_file(AT_FDCWD, path.bytes, content, sizeof content) < 0)
		return false;
	found = strstr(content, key);
	return found && found[sizeof key - 1] != '0';
}

static bool has_kills(const char *group)
{
	return counts_kills(group, "/memory.events") || counts_kills(group, "/memory.oom_control");
}

static bool thaw_v1(const char *group)
{
	static const char word[] = "THAWED";
	struct text path = { 0 };
	_cleanup_close_ int fd = -1;

	put_path(&path, group, "/freezer.state");
	fd = open(path.bytes, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		write_all(fd, word, sizeof word - 1);
	return false;
}

/* Until one says yes. */
static bool visit_groups(bool (*visit)(const char *group))
{
	_cleanup_close_ int plan = openat(monitor.dir, "plan", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	/* code (u16), fields (u16), their length (u32); the first field's length (u32) and bytes */
	uint8_t op[12 + 400];
	off_t at = PLAN_HEADER;
	ssize_t n;

	while ((n = pread(plan, op, sizeof op, at)) >= 8) {
		if (get_u16(op) == OP_CGROUP_JOIN && n > 12 && get_u32(op + 8) < (size_t)n - 12) {
			op[12 + get_u32(op + 8)] = 0;
			if (visit((const char *)op + 12))
				return true;
		}
		at += 8 + (off_t)get_u32(op + 4);
	}
	return false;
}

bool ran_out_of_memory(void)
{
	return visit_groups(has_kills);
}

void thaw_groups(void)
{
	visit_groups(thaw_v1);
}
