/* The side that is written. A name is one component below a directory that is held open; nothing is followed. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
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
	int top;              /* of the first entry, when that is a directory */
	const char *as;       /* what the first entry is to be called; NULL: as it is */
	bool skipping;        /* the entries of a directory that could not be made */
	int skipped;          /* directories in there */
	bool needs_dir;       /* the user has written a slash at the end of what is not there */
};

static struct writing w;
static char name[CP_NAME], more[CP_DATA + 1];

static int parent(void)
{
	return w.levels[w.depth].fd;
}

static int open_below(int dir, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)flags | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
	};

	return (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
}

static void begin_dir(struct cp_side *s)
{
	bool made = mkdirat(parent(), name, 0700) == 0;
	size_t before = cp_push(s, name);
	int fd = made || errno == EEXIST ? open_below(parent(), name, O_RDONLY | O_DIRECTORY) : -1;

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
	if (level->made || (s->keep && w.depth > 0 && !e->implied))
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
		if (cp_is_mount(parent(), name) || unlinkat(parent(), name, 0) < 0)
			break;
	}
	if (result < 0)
		cp_failed(s, e->kind == CP_LINK ? "symlink" : "mknod");
	else if ((fd = openat(parent(), name, O_PATH | O_NOFOLLOW | O_CLOEXEC)) >= 0)
		cp_set_attributes(s, fd, e);
	cp_pop(s, before);
}

/* Whatever lies there by now is below the place, where root inside, or the caller, may link as he likes. */
static void make_same(struct cp_side *s, const struct cp_entry *e)
{
	_cleanup_close_ int file = open_below(w.levels[w.top].fd, more, O_PATH);
	size_t before = cp_push(s, name);
	struct stat st = { 0 };

	if (file < 0 || fstat(file, &st) < 0)
		cp_failed(s, "the file that it is another name of: open");
	else if (!S_ISREG(st.st_mode))
		cp_left_out(s, "what it is another name of is no file any more");
	cp_pop(s, before);
	if (file >= 0 && S_ISREG(st.st_mode))
		cp_add_name(s, parent(), name, file, e);
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
	w.top = *into ? 0 : 1;
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
	if (cp_is_component(name))
		return 0;
	cp_left_out(s, "it has no name");
	return -1;
}

static int take(struct cp_side *s, struct cp_entry *e, bool first)
{
	bool begins = e->kind != CP_DATA_AT && e->kind != CP_XATTR && e->kind != CP_CLOSE && e->kind != CP_END_DIR, into = false;

	if (w.skipping)
		return skip(e);
	if (first && place_first(s, e, &into) < 0)
		return -1;
	if (into)
		return 0;
	if (begins && !cp_is_component(name)) {
		errno = EPROTO;
		return -1;
	}
	switch (e->kind) {
	case CP_FILE:
		cp_begin_file(s, parent(), name);
		return 0;
	case CP_DATA_AT:
		cp_take_data(s, e, more);
		return 0;
	case CP_XATTR:
		if (cp_file() >= 0 || w.depth > 0)
			cp_take_xattr(s, cp_file() >= 0 ? cp_file() : parent(), name, more, e->more);
		return 0;
	case CP_CLOSE:
		cp_end_file(s, e);
		return 0;
	case CP_DIR:
		begin_dir(s);
		return 0;
	case CP_END_DIR:
		end_dir(s, e);
		return 0;
	case CP_SAME:
		make_same(s, e);
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
	cp_drop_file();
	return -1;
}
