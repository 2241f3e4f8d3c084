/* One inode: chown(2) takes the set-user-id bits and the capabilities of a file, so these are given back, also by the next run when
 * this one is killed in between: they stand in a journal before. */
#include "ownership.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"

#define CAPABILITY "security.capability"
#define JOURNAL_MAGIC 0x43545253u
#define ACL_BYTES 4096

struct journal {
	uint32_t magic;
	uint32_t mode;
	uint64_t device, inode;
	uint32_t uid, gid;
	int32_t capability_size;
	uint8_t capability[sizeof(struct vfs_ns_cap_data)];
	char path[4096];
	uint32_t end;
};

bool move_id(const struct id_map *map, uint32_t id, uint32_t *moved)
{
	*moved = id;
	for (int i = 0; i < map->count; i++)
		if (id - map->ranges[i].outside < map->ranges[i].count && id >= map->ranges[i].outside)
			return true;
	for (int i = 0; i < map->count; i++) {
		if (id < map->ranges[i].inside || id - map->ranges[i].inside >= map->ranges[i].count)
			continue;
		*moved = (uint32_t)(map->ranges[i].outside + (id - map->ranges[i].inside));
		return true;
	}
	return false;
}

static int fail_on(const char *call, const char *path)
{
	return fail(call, path, "change the owner of '%s'", path);
}

static void note_foreign(struct ownership *o, const char *path)
{
	if (!o->foreign++)
		snprintf(o->first_foreign, sizeof o->first_foreign, "%s", path);
}

/* The users and groups that an ACL names, acl(5). <linux/posix_acl_xattr.h> */
static int move_acl(struct ownership *o, const char *proc, const char *name, const char *path)
{
	struct {
		uint32_t version;
		struct {
			uint16_t tag, permissions;
			uint32_t id;
		} entries[(ACL_BYTES - 4) / 8];
	} acl;
	ssize_t size = getxattr(proc, name, &acl, sizeof acl);
	bool changed = false;

	if (size < 0)
		return errno == ENODATA || errno == EOPNOTSUPP ? 0 : fail_on("getxattr", path);
	for (ssize_t i = 0; 4 + 8 * (i + 1) <= size; i++) {
		uint16_t tag = le16toh(acl.entries[i].tag);
		uint32_t id = le32toh(acl.entries[i].id), moved;

		/* ACL_USER, ACL_GROUP: the others name nobody. */
		if (tag != 0x02 && tag != 0x08)
			continue;
		if (!move_id(tag == 0x02 ? &o->uids : &o->gids, id, &moved))
			note_foreign(o, path);
		changed = changed || moved != id;
		acl.entries[i].id = htole32(moved);
	}
	return changed && setxattr(proc, name, &acl, (size_t)size, 0) < 0 ? fail_on("setxattr", path) : 0;
}

/* Of version 3, so that they hold for root of this map alone: those of version 2 hold on the host, too. capabilities(7) */
static void own_capability(const struct ownership *o, struct vfs_ns_cap_data *data, ssize_t *size)
{
	uint32_t magic = le32toh(data->magic_etc), root;

	if (*size == (ssize_t)sizeof(struct vfs_cap_data) && (magic & VFS_CAP_REVISION_MASK) == VFS_CAP_REVISION_2)
		data->rootid = 0;
	else if (*size != (ssize_t)sizeof *data)
		return;
	if (!move_id(&o->uids, le32toh(data->rootid), &root))
		return;
	data->magic_etc = htole32((magic & ~VFS_CAP_REVISION_MASK) | VFS_CAP_REVISION_3);
	data->rootid = htole32(root);
	*size = (ssize_t)sizeof *data;
}

static int write_journal(const struct ownership *o, const struct journal *entry)
{
	ssize_t n = pwrite(o->journal, entry, sizeof *entry, 0);

	if (n != (ssize_t)sizeof *entry || fdatasync(o->journal) < 0)
		return fail("write", "journal", "note what '%s' has", entry->path);
	return 0;
}

/* The rest of a change: everything that chown(2) has taken. */
static int give_back(const struct journal *entry, const char *proc)
{
	if (entry->mode & (S_ISUID | S_ISGID) && chmod(proc, entry->mode & 07777) < 0)
		return fail_on("chmod", entry->path);
	if (entry->capability_size > 0 && setxattr(proc, CAPABILITY, entry->capability, (size_t)entry->capability_size, 0) < 0)
		return fail_on("setxattr", entry->path);
	return 0;
}

static int change_with_journal(struct ownership *o, int fd, const char *proc, struct journal *entry)
{
	if (write_journal(o, entry) < 0)
		return -1;
	if (fchownat(fd, "", entry->uid, entry->gid, AT_EMPTY_PATH) < 0)
		return fail_on("fchownat", entry->path);
	if (give_back(entry, proc) < 0)
		return -1;
	return ftruncate(o->journal, 0) < 0 ? fail("ftruncate", "journal", "note that '%s' is done", entry->path) : 0;
}

int move_owner(struct ownership *o, int fd, const struct stat *st, const char *path)
{
	struct journal entry = { .magic = JOURNAL_MAGIC, .end = JOURNAL_MAGIC, .mode = st->st_mode };
	struct vfs_ns_cap_data capability;
	ssize_t size = -1;
	char proc[32];

	o->files++;
	snprintf(proc, sizeof proc, "/proc/self/fd/%d", fd);
	if (!move_id(&o->uids, st->st_uid, &entry.uid) | !move_id(&o->gids, st->st_gid, &entry.gid))
		note_foreign(o, path);
	if (!S_ISLNK(st->st_mode) && move_acl(o, proc, "system.posix_acl_access", path) < 0)
		return -1;
	if (S_ISDIR(st->st_mode) && move_acl(o, proc, "system.posix_acl_default", path) < 0)
		return -1;
	if (entry.uid == st->st_uid && entry.gid == st->st_gid)
		return 0;
	o->changed++;
	if (S_ISREG(st->st_mode))
		size = getxattr(proc, CAPABILITY, &capability, sizeof capability);
	if (size > 0)
		own_capability(o, &capability, &size);
	if (S_ISDIR(st->st_mode) || S_ISLNK(st->st_mode) || (size <= 0 && !(st->st_mode & (S_ISUID | S_ISGID))))
		return fchownat(fd, "", entry.uid, entry.gid, AT_EMPTY_PATH) < 0 ? fail_on("fchownat", path) : 0;
	entry.device = st->st_dev;
	entry.inode = st->st_ino;
	entry.capability_size = size > 0 ? (int32_t)size : 0;
	if (size > 0)
		memcpy(entry.capability, &capability, (size_t)size);
	if (strlen(path) >= sizeof entry.path) {
		errno = ENAMETOOLONG;
		return fail_on("open", path);
	}
	strcpy(entry.path, path);
	return change_with_journal(o, fd, proc, &entry);
}

int finish_journal(struct ownership *o, int root)
{
	struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	_cleanup_close_ int fd = -1;
	struct journal entry;
	struct stat st;
	char proc[32];

	/* Not written to its end: the chown behind it has not been, either. */
	if (pread(o->journal, &entry, sizeof entry, 0) != (ssize_t)sizeof entry || entry.magic != JOURNAL_MAGIC ||
	    entry.end != JOURNAL_MAGIC || !memchr(entry.path, 0, sizeof entry.path) || entry.path[0] != '/' ||
	    entry.capability_size < 0 || entry.capability_size > (int32_t)sizeof entry.capability)
		return ftruncate(o->journal, 0);
	fd = (int)syscall(SYS_openat2, root, entry.path + 1, &how, sizeof how);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_dev != entry.device || st.st_ino != entry.inode)
		return ftruncate(o->journal, 0);
	snprintf(proc, sizeof proc, "/proc/self/fd/%d", fd);
	if (change_with_journal(o, fd, proc, &entry) < 0)
		return -1;
	o->changed++;
	return 0;
}
