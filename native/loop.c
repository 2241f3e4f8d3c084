#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "beneath.h"
#include "error.h"
#include "fd.h"
#include "io.h"
#include "scratch.h"

#define CONTROL "/dev/loop-control"
#define CONTROL_DEVICE makedev(10, 237)
#define TRIES 64
#define LOCK_TRIES 50
#define LOCK_PAUSE_US 20000

/* The node of the host when it is what it says, else one of ours: a host without udev may lack it. */
static int open_checked(const char *path, mode_t kind, dev_t number, int flags)
{
	_cleanup_close_ int fd = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == kind && st.st_rdev == number)
		return reopen(fd, flags);
	return open_device(kind, number, flags);
}

/* Which numbers loopN has depends on the partitions the module was told to leave room for. */
static int open_loop(int index, int flags)
{
	char path[48], text[32];
	unsigned major_number = 7, minor_number = (unsigned)index;

	snprintf(path, sizeof path, "/sys/block/loop%d/dev", index);
	if (read_small_file(AT_FDCWD, path, text, sizeof text) > 0)
		sscanf(text, "%u:%u", &major_number, &minor_number);
	snprintf(path, sizeof path, "/dev/loop%d", index);
	return open_checked(path, S_IFBLK, makedev(major_number, minor_number), flags);
}

static int configure(int loop, int file, bool read_only, const char *source)
{
	struct loop_config config = {
		.fd = (unsigned)file,
		.info = { .lo_flags = LO_FLAGS_AUTOCLEAR | (read_only ? LO_FLAGS_READ_ONLY : 0) },
	};

	snprintf((char *)config.info.lo_file_name, LO_NAME_SIZE, "%s", source);
	return ioctl(loop, LOOP_CONFIGURE, &config);
}

/* A free device may be taken by somebody else before it is ours. */
static int take_loop(int file, bool read_only, const char *source)
{
	_cleanup_close_ int control = open_checked(CONTROL, S_IFCHR, CONTROL_DEVICE, O_RDWR);

	if (control < 0)
		return fail("open", CONTROL, "make a loop device for '%s'", source);
	for (int tries = 0; tries < TRIES; tries++) {
		int index = ioctl(control, LOOP_CTL_GET_FREE);
		_cleanup_close_ int loop = index < 0 ? -1 : open_loop(index, read_only ? O_RDONLY : O_RDWR);

		if (loop < 0)
			return fail(index < 0 ? "ioctl(LOOP_CTL_GET_FREE)" : "open", CONTROL, "make a loop device for '%s'", source);
		if (configure(loop, file, read_only, source) == 0)
			return take_fd(&loop);
		if (errno != EBUSY)
			break;
	}
	return fail("ioctl(LOOP_CONFIGURE)", source, "make a loop device for '%s'", source);
}

/* The lock is the open file's, which the loop device keeps: two containers never write to one image. The kernel may need a moment
 * to let go the device of a container that has just ended. */
static int lock_image(int file, bool read_only)
{
	int result = -1;

	for (int tries = 0; result < 0 && tries < LOCK_TRIES; tries++) {
		if (tries)
			usleep(LOCK_PAUSE_US);
		result = flock(file, (read_only ? LOCK_SH : LOCK_EX) | LOCK_NB);
		if (result < 0 && errno != EWOULDBLOCK)
			break;
	}
	return result;
}

int attach_loop(const char *source, bool read_only, int flags)
{
	_cleanup_close_ int path = open_source(source, flags);
	_cleanup_close_ int file = -1;
	struct stat st;

	if (path < 0 || fstat(path, &st) < 0)
		return fail("open", source, "open the disk image '%s'", source);
	if (S_ISLNK(st.st_mode))
		return refuse("it is a symbolic link", source, "open the disk image '%s'", source);
	if (!S_ISREG(st.st_mode))
		return refuse("it is no regular file", source, "open the disk image '%s'", source);
	file = reopen(path, read_only ? O_RDONLY : O_RDWR);
	if (file < 0)
		return fail("open", source, "open the disk image '%s'", source);
	if (lock_image(file, read_only) < 0)
		return errno == EWOULDBLOCK ? refuse("it is in use", source, "open the disk image '%s'", source)
					    : fail("flock", source, "open the disk image '%s'", source);
	return take_loop(file, read_only, source);
}
