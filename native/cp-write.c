/* The side that is written. A name is one component below a directory that is held open; nothing is followed. A file appears, or
 * replaces another, when it is whole. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "cp.h"
#include "error.h"
#include "fd.h"
#include "io.h"

struct level {
	int fd;
	bool made;
	size_t length; /* of the path before it */
};

struct writing {
	struct level levels[CP_DEPTH + 2];
	int depth;            /* of the directory that is being filled */
	const char *as;       /* what the first entry is to be called; NULL: as it is */
	bool skipping;        /* the entries of a directory that could not be made */
	int skipped;          /* directories in there */
	int file;             /* being written, or -1 */
	size_t file_length;   /* of the path before it */
	bool needs_dir;       /* the user has written a slash at the end of what is not there */
	char file_name[CP_NAME], temporary[CP_NAME];
};

static struct writing w;
static char name[CP_NAME], more[CP_DATA + 1];

static int parent(void)
{
	return w.levels[w.depth].fd;
}

static bool is_component(const char *text)
{
	return *text && strlen(text) < CP_NAME && !strchr(text, '/') && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

static int open_dir(int dir, const char *entry)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
	};

	return (int)syscall(SYS_openat2, dir, entry, &how, sizeof how);
}

/* Without a name until it is whole; where a file system has no such files, with one that says what it is. */
static void begin_file(struct cp_side *s)
{
	static unsigned count;

	snprintf(w.file_name, sizeof w.file_name, "%s", name);
	snprintf(w.temporary, sizeof w.temporary, ".ctr-cp-%d-%u", getpid(), count++);
	w.file_length = cp_push(s, name);
	w.file = openat(parent(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (w.file >= 0)
		return;
	w.file = openat(parent(), w.temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (w.file < 0)
		cp_failed(s, "open");
}

/* In the container: of a mount of another namespace the kernel would say nothing, and take it away (rename(2) detaches it). */
static bool is_mount(const char *entry)
{
	struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV };
	_cleanup_close_ int fd = (int)syscall(SYS_openat2, parent(), entry, &how, sizeof how);

	return fd < 0 && errno == EXDEV;
}

/* A file that is a mount cannot be replaced: its content is. */
static int fill_in_place(void)
{
	struct open_how how = { .flags = O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS };
	_cleanup_close_ int to = (int)syscall(SYS_openat2, parent(), w.file_name, &how, sizeof how);
	off_t at = 0;
	ssize_t n = 1;

	while (to >= 0 && n > 0)
		n = sendfile(to, w.file, &at, CP_DATA);
	return to < 0 || n < 0 ? -1 : 0;
}

static int give_name(void)
{
	char path[40];
	struct stat st;
	int result;

	snprintf(path, sizeof path, "/proc/self/fd/%d", w.file);
	if (fstat(w.file, &st) < 0)
		return -1;
	if (is_mount(w.file_name)) {
		result = fill_in_place();
		if (st.st_nlink)
			unlinkat(parent(), w.temporary, 0);
		return result;
	}
	if (st.st_nlink == 0) {
		if (linkat(AT_FDCWD, path, parent(), w.file_name, AT_SYMLINK_FOLLOW) == 0)
			return 0;
		if (errno != EEXIST || linkat(AT_FDCWD, path, parent(), w.temporary, AT_SYMLINK_FOLLOW) < 0)
			return -1;
	}
	result = renameat(parent(), w.temporary, parent(), w.file_name);
	if (result < 0) {
		int err = errno;

		unlinkat(parent(), w.temporary, 0);
		errno = err;
	}
	return result;
}

static void end_file(struct cp_side *s, const struct cp_entry *e)
{
	if (w.file < 0)
		return;
	if (ftruncate(w.file, (off_t)e->size) < 0)
		cp_failed(s, "ftruncate");
	cp_set_attributes(s, w.file, e);
	if (give_name() < 0)
		cp_failed(s, errno == EISDIR || errno == EEXIST ? "there is a directory: rename" : "rename");
	close(w.file);
	w.file = -1;
}

static void take_data(struct cp_side *s, const struct cp_entry *e)
{
	for (size_t at = 0; w.file >= 0 && at < e->more;) {
		ssize_t n = pwrite(w.file, more + at, e->more - at, (off_t)(e->size + at));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			cp_failed(s, "write");
			unlinkat(parent(), w.temporary, 0);
			close(w.file);
			w.file = -1;
			return;
		}
		at += (size_t)n;
	}
}

static void begin_dir(struct cp_side *s)
{
	bool made = mkdirat(parent(), name, 0700) == 0;
	size_t before = cp_push(s, name);
	int fd = made || errno == EEXIST ? open_dir(parent(), name) : -1;

	if (fd < 0 || w.depth > CP_DEPTH) {
		cp_failed(s, made || errno == ENOTDIR || errno == ELOOP ? "there is something else than a directory: open" : "mkdir");
		cp_pop(s, before);
		close_fd(&fd);
		w.skipping = true;
		w.skipped = 1;
		return;
	}
	w.levels[++w.depth] = (struct level){ fd, made, before };
}

static void end_dir(struct cp_side *s, const struct cp_entry *e)
{
	struct level *level = &w.levels[w.depth];

	/* One that was there keeps its own, unless it is to be as the other is. */
	if (level->made || (s->keep && w.depth > 0))
		cp_set_attributes(s, level->fd, e);
	if (w.depth == 0)
		return;
	cp_pop(s, level->length);
	close(level->fd);
	w.depth--;
}

/* A symbolic link or a FIFO in place of what was there, unless that is a directory. */
static void make_special(struct cp_side *s, const struct cp_entry *e)
{
	size_t before = cp_push(s, name);
	_cleanup_close_ int fd = -1;
	int result = -1;

	for (int tries = 0; tries < 2 && result < 0; tries++) {
		result = e->kind == CP_LINK ? symlinkat(more, parent(), name) : mknodat(parent(), name, S_IFIFO | (e->mode & 0777), 0);
		if (result == 0 || errno != EEXIST)
			break;
		errno = EBUSY;
		if (is_mount(name) || unlinkat(parent(), name, 0) < 0)
			break;
	}
	if (result < 0)
		cp_failed(s, e->kind == CP_LINK ? "symlink" : "mknod");
	else if ((fd = openat(parent(), name, O_PATH | O_NOFOLLOW | O_CLOEXEC)) >= 0)
		cp_set_attributes(s, fd, e);
	cp_pop(s, before);
}

static int skip(const struct cp_entry *e)
{
	w.skipped += e->kind == CP_DIR ? 1 : e->kind == CP_END_DIR ? -1 : 0;
	w.skipping = w.skipped > 0;
	return 0;
}

/* The contents of a directory go into the place itself, the first entry of another gets its name. */
static int place_first(struct cp_side *s, struct cp_entry *e, bool *into)
{
	*into = e->kind == CP_DIR && e->contents && !w.as;
	if (*into)
		return 0;
	if (w.needs_dir && e->kind != CP_DIR) {
		cp_push(s, w.as);
		errno = ENOENT;
		cp_failed(s, "open");
		return -1;
	}
	if (w.as)
		snprintf(name, sizeof name, "%s", w.as);
	w.as = NULL;
	if (is_component(name))
		return 0;
	cp_left_out(s, "it has no name");
	return -1;
}

static int take(struct cp_side *s, struct cp_entry *e, bool first)
{
	bool begins = e->kind == CP_FILE || e->kind == CP_DIR || e->kind == CP_LINK || e->kind == CP_FIFO, into = false;

	if (w.skipping)
		return skip(e);
	if (first && place_first(s, e, &into) < 0)
		return -1;
	if (into)
		return 0;
	if (begins && !is_component(name)) {
		errno = EPROTO;
		return -1;
	}
	switch (e->kind) {
	case CP_FILE:
		begin_file(s);
		return 0;
	case CP_DATA_AT:
		take_data(s, e);
		return 0;
	case CP_XATTR:
		if (w.file >= 0 || w.depth > 0)
			cp_take_xattr(s, w.file >= 0 ? w.file : parent(), name, more, e->more);
		return 0;
	case CP_CLOSE:
		end_file(s, e);
		cp_pop(s, w.file_length);
		return 0;
	case CP_DIR:
		begin_dir(s);
		return 0;
	case CP_END_DIR:
		end_dir(s, e);
		return 0;
	default:
		make_special(s, e);
		return 0;
	}
}

/* A directory that is there takes what comes; else the last component is its new name. */
static int find_place_for(struct cp_side *s, const char *path, char *own_path)
{
	size_t length = strlen(path);
	char *slash;
	int fd = cp_open(s, path, O_DIRECTORY);

	w.as = NULL;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR) && length && length < CP_PATH) {
		memcpy(own_path, path, length + 1);
		w.needs_dir = own_path[length - 1] == '/';
		while (length > 1 && own_path[length - 1] == '/')
			own_path[--length] = 0;
		slash = strrchr(own_path, '/');
		w.as = slash ? slash + 1 : own_path;
		if (slash)
			*slash = 0;
		path = !slash ? "" : slash == own_path ? "/" : own_path;
		fd = cp_open(s, path, O_DIRECTORY);
	}
	cp_push(s, path);
	return fd;
}

int cp_write(struct cp_side *s, const char *path)
{
	static char own_path[CP_PATH];
	_cleanup_close_ int place = find_place_for(s, path, own_path);
	struct cp_entry e;
	bool first = true;

	w.file = -1;
	if (place < 0) {
		cp_failed(s, "open");
		return -1;
	}
	w.levels[0] = (struct level){ .fd = reopen(place, O_RDONLY | O_DIRECTORY) };
	if (w.levels[0].fd < 0) {
		cp_failed(s, "open");
		return -1;
	}
	for (;; first = false) {
		if (cp_receive(s->pipe, &e, name, more) < 0)
			break;
		more[e.more] = 0;
		if (e.kind == CP_DONE)
			return 0;
		if (take(s, &e, first) < 0)
			return -1;
	}
	/* The other side has ended before its end: what is not whole does not stay. */
	if (w.file >= 0)
		unlinkat(parent(), w.temporary, 0);
	return -1;
}
