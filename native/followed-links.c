/* Whose symbolic links a path of the host goes through. */
#include "followed-links.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "io.h"

#define PATH_SIZE 4096
#define MOST_LINKS 40

struct walk {
	char rest[PATH_SIZE]; /* of the path, still to go */
	int at;		      /* O_PATH */
	int links;
	bool has_owner; /* of a link that is not root's */
	uid_t owner;
	bool mixed; /* two users' */
	bool stays; /* at a link that is the last component */
};

/* Only root of the host acts for others: whoever else it is, what he reaches is his to reach. */
static bool acts_for_all(void)
{
	char text[64];
	unsigned inside, outside, count;

	return geteuid() == 0 && read_small_file(AT_FDCWD, "/proc/self/uid_map", text, sizeof text) > 0 &&
	       sscanf(text, "%u %u %u", &inside, &outside, &count) == 3 && inside == 0 && outside == 0 && count == UINT32_MAX;
}

/* The link's text takes its place in what is left of the path. */
static int follow(struct walk *w, int link, const struct stat *st)
{
	char text[PATH_SIZE], whole[PATH_SIZE];
	ssize_t n = readlinkat(link, "", text, sizeof text - 1);

	if (n <= 0 || ++w->links > MOST_LINKS) {
		errno = ELOOP;
		return -1;
	}
	text[n] = 0;
	if (snprintf(whole, sizeof whole, "%s/%s", text, w->rest) >= (int)sizeof whole) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(w->rest, whole, sizeof whole);
	if (st->st_uid != 0) {
		w->mixed |= w->has_owner && w->owner != st->st_uid;
		w->has_owner = true;
		w->owner = st->st_uid;
	}
	if (text[0] == '/') {
		close(w->at);
		w->at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	return w->at < 0 ? -1 : 0;
}

/* One component. False at the end of the path, or with errno. */
static bool step(struct walk *w)
{
	char part[256];
	size_t skip = strspn(w->rest, "/"), length = strcspn(w->rest + skip, "/");
	struct stat st;
	int next;

	errno = 0;
	if (!length)
		return false;
	if (length >= sizeof part) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(part, w->rest + skip, length);
	part[length] = 0;
	memmove(w->rest, w->rest + skip + length, strlen(w->rest + skip + length) + 1);
	next = openat(w->at, part, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0 || fstat(next, &st) < 0) {
		close_fd(&next);
		return false;
	}
	if (S_ISLNK(st.st_mode) && !(w->stays && !*w->rest)) {
		int result = follow(w, next, &st);

		close(next);
		return result == 0;
	}
	close(w->at);
	w->at = next;
	return true;
}

int check_followed_links(const char *path, int flags, int fd)
{
	struct walk w = { .at = -1, .stays = flags & O_NOFOLLOW };
	struct stat ours, walked;
	int result = 0;

	if (!acts_for_all())
		return 0;
	w.at = open(*path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	snprintf(w.rest, sizeof w.rest, "%s", path);
	while (w.at >= 0 && step(&w))
		;
	/* By another way than the one that was opened: somebody changes it right now. */
	if (w.at < 0 || errno || fstat(fd, &ours) < 0 || fstat(w.at, &walked) < 0 || ours.st_ino != walked.st_ino || ours.st_dev != walked.st_dev)
		result = refuse("a symbolic link on the way to it changes", path, "open '%s'", path);
	else if (w.mixed || (w.has_owner && w.owner != ours.st_uid))
		result = refuse("a symbolic link on the way to it belongs to somebody who does not own it", path, "open '%s'", path);
	close_fd(&w.at);
	if (result < 0)
		errno = EACCES;
	return result;
}
