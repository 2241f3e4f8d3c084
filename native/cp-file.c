/* A file that is being written by `cp`: it appears, or replaces another, when it is whole. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "cp.h"
#include "fd.h"
#include "io.h"

static struct {
	int fd;          /* or -1 */
	int dir;         /* it is to be in */
	size_t length;   /* of the path before it */
	char name[CP_NAME], temporary[CP_NAME];
} w = { .fd = -1 };

static void make_temporary_name(void)
{
	static unsigned count;

	snprintf(w.temporary, sizeof w.temporary, ".ctr-cp-%d-%u", getpid(), count++);
}

/* Without a name until it is whole; where a file system has no such files, with one that says what it is. */
void cp_begin_file(struct cp_side *s, int dir, const char *name)
{
	w.dir = dir;
	snprintf(w.name, sizeof w.name, "%s", name);
	make_temporary_name();
	w.length = cp_push(s, name);
	w.fd = openat(w.dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (w.fd >= 0)
		return;
	w.fd = openat(w.dir, w.temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (w.fd < 0)
		cp_failed(s, "open");
}

/* In the container: of a mount of another namespace the kernel would say nothing, and take it away (rename(2) detaches it). */
bool cp_is_mount(int dir, const char *name)
{
	struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV };
	_cleanup_close_ int fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof how);

	return fd < 0 && errno == EXDEV;
}

/* A file that is a mount cannot be replaced: its content is. */
static int fill_in_place(void)
{
	struct open_how how = { .flags = O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS };
	_cleanup_close_ int to = (int)syscall(SYS_openat2, w.dir, w.name, &how, sizeof how);
	off_t at = 0;
	ssize_t n = 1;

	while (to >= 0 && n > 0)
		n = sendfile(to, w.fd, &at, CP_DATA);
	return to < 0 || n < 0 ? -1 : 0;
}

/* 0 when it has its name, 1 when it has the temporary one, which is to replace what is there. */
static int link_file(int fd, int dir, const char *name)
{
	char path[40];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, path, dir, name, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	return errno == EEXIST && linkat(AT_FDCWD, path, dir, w.temporary, AT_SYMLINK_FOLLOW) == 0 ? 1 : -1;
}

static int replace(int dir, const char *name)
{
	int result = renameat(dir, w.temporary, dir, name), err = errno;

	/* Also of two names of one file, which rename(2) leaves as they are. */
	unlinkat(dir, w.temporary, 0);
	errno = err;
	return result;
}

static int give_name(void)
{
	struct stat st;
	int result;

	if (fstat(w.fd, &st) < 0)
		return -1;
	if (cp_is_mount(w.dir, w.name)) {
		result = fill_in_place();
		if (st.st_nlink)
			unlinkat(w.dir, w.temporary, 0);
		return result;
	}
	if (st.st_nlink == 0) {
		result = link_file(w.fd, w.dir, w.name);
		if (result <= 0)
			return result;
	}
	return replace(w.dir, w.name);
}

static void say_no_name(struct cp_side *s)
{
	cp_failed(s, errno == EISDIR || errno == EEXIST ? "there is a directory: rename" : "rename");
}

void cp_end_file(struct cp_side *s, const struct cp_entry *e)
{
	if (w.fd < 0) {
		cp_pop(s, w.length);
		return;
	}
	if (ftruncate(w.fd, (off_t)e->size) < 0)
		cp_failed(s, "ftruncate");
	cp_set_attributes(s, w.fd, e);
	if (give_name() < 0)
		say_no_name(s);
	close(w.fd);
	w.fd = -1;
	cp_pop(s, w.length);
}

int cp_file(void)
{
	return w.fd;
}

void cp_drop_file(void)
{
	if (w.fd < 0)
		return;
	unlinkat(w.dir, w.temporary, 0);
	close(w.fd);
	w.fd = -1;
}

void cp_take_data(struct cp_side *s, const struct cp_entry *e, const char *data)
{
	for (size_t at = 0; w.fd >= 0 && at < e->more;) {
		ssize_t n = pwrite(w.fd, data + at, e->more - at, (off_t)(e->size + at));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			cp_failed(s, "write");
			cp_drop_file();
			return;
		}
		at += (size_t)n;
	}
}

/* Another mount, a file system without links, too many of them: the content is what counts. */
static void copy_instead(struct cp_side *s, int dir, const char *name, int file, const struct cp_entry *of)
{
	_cleanup_close_ int in = reopen(file, O_RDONLY | O_NONBLOCK);
	struct cp_entry e = *of;
	ssize_t n = 1;

	cp_begin_file(s, dir, name);
	e.kind = CP_CLOSE;
	e.size = 0;
	while (w.fd >= 0 && in >= 0 && n > 0) {
		static char bytes[65536];
		struct cp_entry data = { .kind = CP_DATA_AT, .size = e.size };

		n = read(in, bytes, sizeof bytes);
		data.more = n > 0 ? (uint32_t)n : 0;
		cp_take_data(s, &data, bytes);
		e.size += data.more;
	}
	if (in < 0 || n < 0) {
		cp_failed(s, "read");
		cp_drop_file();
	}
	cp_end_file(s, &e);
}

void cp_add_name(struct cp_side *s, int dir, const char *name, int file, const struct cp_entry *e)
{
	size_t before = cp_push(s, name);
	bool is_mount = cp_is_mount(dir, name);
	int result;

	make_temporary_name();
	result = is_mount ? -1 : link_file(file, dir, name);
	if (result == 1)
		result = replace(dir, name);
	if (result == 0) {
		cp_pop(s, before);
		return;
	}
	if (is_mount || errno == EXDEV || errno == EMLINK || errno == EPERM || errno == EOPNOTSUPP) {
		cp_pop(s, before);
		copy_instead(s, dir, name, file, e);
		return;
	}
	say_no_name(s);
	cp_pop(s, before);
}
