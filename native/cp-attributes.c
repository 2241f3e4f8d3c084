/* Owners, modes, times and extended attributes on their way. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cp.h"
#include "io.h"

#define XATTR_LIST 65536

/* The id inside of one on disk; what the map lacks is nobody's. */
static uint32_t inside_id(const struct plan *plan, const char *kind, uint32_t id)
{
	struct op op = { 0 };

	while (plan_next_of(plan, &op, OP_IDMAP)) {
		uint64_t outside = op_u64(&op, F_IDMAP_OUTSIDE);

		if (strcmp(op_str(&op, F_IDMAP_KIND), kind) == 0 && id >= outside && id - outside < op_u64(&op, F_IDMAP_COUNT))
			return (uint32_t)(op_u64(&op, F_IDMAP_INSIDE) + id - outside);
	}
	return 65534;
}

void cp_describe(const struct cp_side *s, struct cp_entry *e, const void *of)
{
	const struct stat *st = of;

	e->mode = st->st_mode & 07777;
	e->uid = s->disk_ids ? inside_id(s->disk_ids, "uid", st->st_uid) : st->st_uid;
	e->gid = s->disk_ids ? inside_id(s->disk_ids, "gid", st->st_gid) : st->st_gid;
	e->mtime = st->st_mtim.tv_sec;
	e->mtime_ns = (uint32_t)st->st_mtim.tv_nsec;
}

/* Those that any user may set: what the others mean is the business of the system they were made on. */
static bool is_plain(const char *name)
{
	return strncmp(name, "user.", 5) == 0;
}

void cp_send_xattrs(struct cp_side *s, int fd)
{
	static char names[XATTR_LIST], value[XATTR_LIST];
	ssize_t size = flistxattr(fd, names, sizeof names);

	for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names + at) + 1) {
		const char *name = names + at;
		ssize_t length = is_plain(name) && strlen(name) < CP_NAME ? fgetxattr(fd, name, value, sizeof value) : -1;
		struct cp_entry e = { .kind = CP_XATTR, .name = (uint16_t)strlen(name), .more = (uint32_t)length };

		/* The end of the other side is found by what follows. */
		if (length >= 0)
			cp_send(s->pipe, &e, name, value);
	}
}

void cp_take_xattr(struct cp_side *s, int fd, const char *name, const void *value, size_t size)
{
	if (is_plain(name) && fsetxattr(fd, name, value, size, 0) < 0 && errno != EOPNOTSUPP)
		cp_failed(s, "setxattr");
}

/* An id of the entry as it is on this side's disk; -1: leave it. */
static uint32_t disk_id(const struct cp_side *s, const char *kind, uint32_t id)
{
	int64_t mapped;

	if (!s->keep)
		id = 0;
	if (!s->name)
		return s->keep && geteuid() == 0 ? id : (uint32_t)-1;
	mapped = s->disk_ids ? plan_host_id(s->disk_ids, kind, id) : id;
	return mapped < 0 ? (uint32_t)-1 : (uint32_t)mapped;
}

void cp_set_attributes(struct cp_side *s, int fd, const struct cp_entry *e)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = e->mtime, .tv_nsec = (long)e->mtime_ns } };
	uint32_t uid = disk_id(s, "uid", e->uid), gid = disk_id(s, "gid", e->gid);
	bool owned = fchownat(fd, "", uid, gid, AT_EMPTY_PATH) == 0;

	if (!owned)
		cp_failed(s, "chown");
	/* After the owner, whose change takes the bits for other users away; these belong to their owner alone. */
	if (e->kind != CP_LINK && e->kind != CP_FIFO && fchmod(fd, e->mode & (s->keep && owned ? 07777 : 0777)) < 0)
		cp_failed(s, "chmod");
	if (s->keep && utimensat(fd, "", times, AT_EMPTY_PATH) < 0)
		cp_failed(s, "utimensat");
}
