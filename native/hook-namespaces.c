/* The namespaces of a container that has ended, for its stop hooks. The starter opens them, and they stay open through the execs to
 * the monitor and the cleaner at places that are known to both. */
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fd.h"
#include "hooks.h"

#define FIRST_PLACE 900

static const char *const names[NAMESPACE_REFERENCES] = { "user", "mnt", "pid", "uts", "ipc", "net", "cgroup" };

const char *namespace_reference_name(int index)
{
	return names[index];
}

void keep_namespaces(const struct plan *plan, pid_t init)
{
	if (!has_hooks(plan, "stop"))
		return;
	for (int i = 0; i < NAMESPACE_REFERENCES; i++) {
		_cleanup_close_ int fd = -1;
		char path[64];

		snprintf(path, sizeof path, "/proc/%d/ns/%s", init, names[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			dup2(fd, FIRST_PLACE + i);
	}
}

bool find_namespaces(int *references)
{
	bool found = false;

	for (int i = 0; i < NAMESPACE_REFERENCES; i++) {
		references[i] = ioctl(FIRST_PLACE + i, NS_GET_NSTYPE) > 0 ? FIRST_PLACE + i : -1;
		found |= references[i] >= 0;
	}
	return found;
}

/* A network namespace that is held still holds its links. */
void forget_namespaces(void)
{
	for (int i = 0; i < NAMESPACE_REFERENCES; i++)
		if (ioctl(FIRST_PLACE + i, NS_GET_NSTYPE) > 0)
			close(FIRST_PLACE + i);
}
