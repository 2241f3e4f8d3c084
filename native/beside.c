/* Where the other native programs are: in the directory of this one. */
#include "beside.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int find_beside(const char *name, char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	if (n <= 0)
		return -1;
	path[n] = 0;
	slash = strrchr(path, '/');
	if (!slash || (size_t)(slash - path) + strlen(name) + 2 > size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(slash + 1, name);
	return access(path, X_OK);
}
