/* The id maps of init's user namespace, written by the privileged starter: one write each (user_namespaces(7)). */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "container.h"
#include "error.h"
#include "fd.h"

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
