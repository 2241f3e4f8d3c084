/* What both sides of a copy do. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cp.h"
#include "error.h"
#include "io.h"

int cp_send(int pipe, const struct cp_entry *e, const void *name, const void *more)
{
	struct iovec parts[] = { { (void *)e, sizeof *e }, { (void *)name, e->name }, { (void *)more, e->more } };
	struct iovec *part = parts;
	int left = 3;

	while (left) {
		ssize_t n = writev(pipe, part, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		for (; left && (size_t)n >= part->iov_len; part++, left--)
			n -= (ssize_t)part->iov_len;
		if (left) {
			part->iov_base = (char *)part->iov_base + n;
			part->iov_len -= (size_t)n;
		}
	}
	return 0;
}

static int read_whole(int fd, void *to, size_t size)
{
	for (size_t at = 0; at < size;) {
		ssize_t n = read(fd, (char *)to + at, size - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n ? errno : EPIPE;
			return -1;
		}
		at += (size_t)n;
	}
	return 0;
}

int cp_receive(int pipe, struct cp_entry *e, char *name, char *more)
{
	if (read_whole(pipe, e, sizeof *e) < 0)
		return -1;
	if (e->name >= CP_NAME || e->more > CP_DATA) {
		errno = EPROTO;
		return -1;
	}
	name[e->name] = 0;
	return read_whole(pipe, name, e->name) < 0 ? -1 : read_whole(pipe, more, e->more);
}

static const char *colon(const struct cp_side *s)
{
	return s->name ? ":" : "";
}

void cp_failed(struct cp_side *s, const char *what)
{
	s->failed++;
	warn_errno("cannot copy '%s%s%s': %s", s->name ? s->name : "", colon(s), s->path, what);
}

void cp_left_out(struct cp_side *s, const char *why)
{
	s->failed++;
	warn("cannot copy '%s%s%s': %s", s->name ? s->name : "", colon(s), s->path, why);
}

bool cp_is_component(const char *text)
{
	return *text && strlen(text) < CP_NAME && !strchr(text, '/') && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

size_t cp_push(struct cp_side *s, const char *name)
{
	size_t before = s->length;
	int n = snprintf(s->path + before, sizeof s->path - before, "%s%s", before && s->path[before - 1] != '/' && *name ? "/" : "", name);

	s->length += (size_t)n < sizeof s->path - before ? (size_t)n : sizeof s->path - before - 1;
	return before;
}

void cp_pop(struct cp_side *s, size_t length)
{
	s->length = length;
	s->path[length] = 0;
}

int cp_open(const struct cp_side *s, const char *path, int flags)
{
	if (s->root >= 0)
		return open_in_root(s->root, *path ? path : "/", O_PATH | flags);
	return open(*path ? path : ".", O_PATH | O_CLOEXEC | flags);
}
