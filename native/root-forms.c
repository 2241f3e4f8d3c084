/* Roots that are not a tree of the host: nothing but its /usr (systemd-nspawn(1), --volatile=yes), or nothing at all. */
#include "root-forms.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "beneath.h"
#include "error.h"
#include "fd.h"
#include "filesystems.h"
#include "mounts.h"
#include "scratch.h"

/* What programs need at the top besides /usr: links into it. A tree that has a directory there is of the old kind. */
static int copy_top_link(const struct container *c, int root, const char *name)
{
	char target[256];
	struct stat st;
	ssize_t n;

	if (fstatat(c->root, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISLNK(st.st_mode)) {
		char step[64];

		snprintf(step, sizeof step, "take the /usr of the root without its /%s", name);
		return refuse("it is no link into /usr", name, "%s", step);
	}
	n = readlinkat(c->root, name, target, sizeof target - 1);
	if (n < 0)
		return -1;
	target[n] = 0;
	if (symlinkat(target, root, name) < 0)
		return -1;
	return fchownat(root, name, c->root_uid, c->root_gid, AT_SYMLINK_NOFOLLOW);
}

static int make_top_directory(const struct container *c, int root, const char *name, mode_t mode)
{
	if (mkdirat(root, name, mode) < 0 && errno != EEXIST)
		return -1;
	if (fchownat(root, name, c->root_uid, c->root_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	/* Past the umask; nobody else sees this tree yet. */
	return fchmodat(root, name, mode, 0);
}

static int fill_top(const struct container *c, int root)
{
	static const char *const links[] = { "bin", "sbin", "lib", "lib32", "lib64", "libx32" };
	static const struct {
		const char *name;
		mode_t mode;
	} directories[] = { { "usr", 0755 }, { "var", 0755 }, { "etc", 0755 }, { "run", 0755 }, { "root", 0750 },
			    { "tmp", 01777 }, { "proc", 0555 }, { "sys", 0555 }, { "dev", 0755 } };

	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (copy_top_link(c, root, links[i]) < 0)
			return fail("symlink", links[i], "make the root of /usr alone");
	for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
		if (make_top_directory(c, root, directories[i].name, directories[i].mode) < 0)
			return fail("mkdir", directories[i].name, "make the root of /usr alone");
	return 0;
}

int do_root_usr(struct container *c, const struct op *op)
{
	_cleanup_close_ int usr = open_beneath(c, "/usr", OPT_NO_SYMLINKS);
	_cleanup_close_ int copy = -1, place = -1;
	const char *call;
	char said[SAID_SIZE];
	int root;

	if (usr < 0)
		return fail("openat2", "/usr", "take the /usr of the root");
	copy = copy_mount(usr, MS_RDONLY | MS_REC, -1, &call);
	if (copy < 0)
		return fail(call, "/usr", "take the /usr of the root");
	root = create_mount("tmpfs", "tmpfs", 0, op_str(op, F_ROOT_USR_DATA), said);
	if (root < 0)
		return fail_create("tmpfs", said, "/", "make the root of /usr alone");
	if (fill_top(c, root) < 0) {
		close(root);
		return -1;
	}
	/* The tree goes, the new root comes in its place. */
	detach_top(c->root);
	close(c->root);
	c->root = root;
	if (attach_root(c, root) < 0)
		return fail("move_mount", "/", "attach the root file system");
	place = open_beneath(c, "/usr", OPT_NO_SYMLINKS);
	if (place < 0 || attach_mount(copy, place) < 0)
		return fail("move_mount", "/usr", "mount the /usr of the root");
	return 0;
}

int do_root_empty(struct container *c, const struct op *op)
{
	char said[SAID_SIZE];

	c->root_read_only = op_u64(op, F_ROOT_EMPTY_OPTIONS) & OPT_READ_ONLY;
	c->root = create_mount("tmpfs", "tmpfs", 0, op_str(op, F_ROOT_EMPTY_DATA), said);
	if (c->root < 0)
		return fail_create("tmpfs", said, "/", "make an empty root");
	return attach_root(c, c->root) < 0 ? fail("move_mount", "/", "attach the root file system") : 0;
}
