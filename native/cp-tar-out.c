/* `cp NAME:SRC -`: what is read in the container becomes a tar archive at stdout. Names are checked as for files: none of them leads out
 * of where the archive is unpacked. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cp.h"
#include "cp-tar-out.h"
#include "cp-tar.h"
#include "error.h"
#include "io.h"

/* Of files that have no size (those of /proc): an archive says the size first, so they are held in memory. */
#define SPOOL_MAX (64u << 20)

static char name[CP_NAME], more[CP_DATA + 1], path[CP_DEPTH * CP_NAME], top[CP_NAME];
static size_t length;


static struct {
	struct cp_entry entry;
	bool waits; /* for attributes that may follow, before its header is written */
	uint64_t size, written;
	int spool; /* or -1 */
} file = { .spool = -1 };

/* Its attributes have all come. */
static int settle(const struct cp_side *s)
{
	if (!file.waits)
		return 0;
	file.waits = false;
	return tar_put_member(s, path, &file.entry, file.entry.kind == CP_DIR ? '5' : '0', file.size, "");
}

static int take_data(struct cp_side *s, const struct cp_entry *e)
{
	uint64_t at = e->size, size = e->more;

	if (file.waits && !file.size) {
		if (file.spool < 0)
			file.spool = memfd_create("ctr-cp", MFD_CLOEXEC);
		if (file.spool >= 0 && at + size <= SPOOL_MAX && pwrite(file.spool, more, size, (off_t)at) == (ssize_t)size)
			return 0;
		errno = EFBIG;
		return -1;
	}
	if (settle(s) < 0)
		return -1;
	/* What it has grown by since its header was written has no place. */
	if (at >= file.size)
		return 0;
	if (size > file.size - at)
		size = file.size - at;
	if (at < file.written || tar_put_zeros(at - file.written) < 0 || tar_put(more, size) < 0)
		return -1;
	file.written = at + size;
	return 0;
}

static int put_spool(const struct cp_side *s, uint64_t size)
{
	file.size = size;
	if (settle(s) < 0)
		return -1;
	while (file.written < size) {
		ssize_t n = pread(file.spool, more, CP_DATA, (off_t)file.written);

		if (n <= 0 || tar_put(more, (size_t)n) < 0)
			return -1;
		file.written += (uint64_t)n;
	}
	return 0;
}

static int end_file(struct cp_side *s, const struct cp_entry *e)
{
	int result = file.spool >= 0 ? put_spool(s, e->size) : settle(s);

	if (file.spool >= 0)
		close(file.spool);
	file.spool = -1;
	if (result < 0 || tar_put_zeros(file.size - file.written) < 0 || tar_fill_block(file.size) < 0)
		return -1;
	if (e->size != file.size) {
		snprintf(s->path, sizeof s->path, "%.*s", CP_PATH - 1, path);
		cp_left_out(s, "it has changed while it was read");
	}
	return 0;
}

static bool push(const char *component)
{
	size_t size = strlen(component);

	/* A slash behind a directory, and the end. */
	if (length + size + 3 > sizeof path)
		return false;
	if (length)
		path[length++] = '/';
	memcpy(path + length, component, size + 1);
	length += size;
	return true;
}

static void pop(void)
{
	const char *slash = strrchr(path, '/');

	length = slash ? (size_t)(slash - path) : 0;
	path[length] = 0;
}

static int put_same(struct cp_side *s, const struct cp_entry *e)
{
	static char target[CP_NAME + CP_PATH];

	snprintf(target, sizeof target, "%s/%.*s", top, CP_PATH - 1, more);
	return tar_put_member(s, path, e, '1', 0, target);
}

static int begin(struct cp_side *s, const struct cp_entry *e)
{
	int result = 0;

	if (!push(name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (e->kind == CP_FILE || e->kind == CP_DIR) {
		file.entry = *e;
		file.waits = true;
		file.size = e->kind == CP_FILE ? e->size : 0;
		file.written = 0;
		return 0;
	}
	if (e->kind == CP_SAME)
		result = put_same(s, e);
	else
		result = tar_put_member(s, path, e, e->kind == CP_LINK ? '2' : '6', 0, e->kind == CP_LINK ? more : "");
	pop();
	return result;
}

static int take(struct cp_side *s, const struct cp_entry *e)
{
	int result;

	switch (e->kind) {
	case CP_XATTR:
		if (file.waits)
			tar_add_record(TAR_XATTR, name, more, e->more);
		return 0;
	case CP_DATA_AT:
		return take_data(s, e);
	case CP_CLOSE:
		result = end_file(s, e);
		pop();
		return result;
	case CP_END_DIR:
		result = settle(s);
		pop();
		return result;
	}
	if (settle(s) < 0)
		return -1;
	if (!length) {
		snprintf(top, sizeof top, "%s", e->contents ? "." : name);
		if (e->contents)
			strcpy(name, ".");
	} else if (!cp_is_component(name)) {
		errno = EPROTO;
		return -1;
	}
	return begin(s, e);
}

int cp_write_tar(struct cp_side *s)
{
	struct cp_entry e;
	int result;

	while ((result = cp_receive(s->pipe, &e, name, more)) == 0 && e.kind != CP_DONE) {
		more[e.more] = 0;
		if (take(s, &e) < 0)
			break;
	}
	/* The other side has ended before its end, and said why. */
	if (result < 0)
		return -1;
	/* Of nothing there is no archive. */
	if (e.kind == CP_DONE && (!*top || (tar_put_zeros(2 * TAR_BLOCK) == 0 && tar_flush() == 0)))
		return 0;
	/* Whoever reads it has seen enough. */
	if (errno != EPIPE)
		warn_errno("cannot write the archive: '%s'", path);
	return -1;
}
