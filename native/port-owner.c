#include "port-owner.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "fd.h"
#include "io.h"

static bool has_port(int dirfd, const struct op *port)
{
	struct plan plan = { 0 };
	struct op op = { 0 };

	if (faccessat(dirfd, "state", F_OK, 0) < 0)
		return false;
	if (plan_open(&plan, dirfd, "plan") < 0) {
		failure = (struct failure){ 0 };
		return false;
	}
	while (plan_next_of(&plan, &op, OP_NETWORK_PORT))
		if (op_u64(&op, F_NETWORK_PORT_PORT) == op_u64(port, F_NETWORK_PORT_PORT) &&
		    op_u64(&op, F_NETWORK_PORT_PROTOCOL) == op_u64(port, F_NETWORK_PORT_PROTOCOL))
			return true;
	return false;
}

static bool find_container(char *name, size_t size, const char *dir, const struct op *port)
{
	char path[4096];
	const char *own = strrchr(dir, '/');
	struct dirent *entry;
	bool found = false;
	DIR *all;

	snprintf(path, sizeof path, "%s/..", dir);
	all = opendir(path);
	while (all && !found && (entry = readdir(all))) {
		_cleanup_close_ int box = -1;

		if (entry->d_name[0] == '.' || (own && strcmp(entry->d_name, own + 1) == 0))
			continue;
		box = openat(dirfd(all), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		found = box >= 0 && has_port(box, port);
		if (found)
			snprintf(name, size, "%.64s", entry->d_name);
	}
	if (all)
		closedir(all);
	return found;
}

/* proc_net_tcp.txt: `sl local_address rem_address st … inode`, the port in hexadecimal behind the last colon of the address. */
static bool find_inode(const char *file, unsigned wanted, bool listens, unsigned long *inode)
{
	FILE *list = fopen(file, "re");
	char line[512];
	bool found = false;

	while (list && !found && fgets(line, sizeof line, list)) {
		unsigned port, state;

		found = sscanf(line, "%*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*u %*u %lu", &port, &state, inode) == 3 &&
			port == wanted && (!listens || state == 10);
	}
	if (list)
		fclose(list);
	return found;
}

static bool has_socket(const char *pid, unsigned long inode)
{
	char path[300], wanted[64], target[64];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof path, "/proc/%s/fd", pid);
	snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, target, sizeof target - 1);

		if (n <= 0)
			continue;
		target[n] = 0;
		found = strcmp(target, wanted) == 0;
	}
	if (dir)
		closedir(dir);
	return found;
}

static bool find_process(char *text, size_t size, unsigned long inode)
{
	DIR *all = opendir("/proc");
	struct dirent *entry;
	bool found = false;

	while (all && !found && (entry = readdir(all))) {
		char path[300], comm[64] = "";

		if (!isdigit((unsigned char)entry->d_name[0]) || !has_socket(entry->d_name, inode))
			continue;
		snprintf(path, sizeof path, "/proc/%s/comm", entry->d_name);
		read_small_file(AT_FDCWD, path, comm, sizeof comm);
		comm[strcspn(comm, "\n")] = 0;
		snprintf(text, size, "'%s' (process %s) has it", comm, entry->d_name);
		found = true;
	}
	if (all)
		closedir(all);
	return found;
}

void find_port_owner(char *text, size_t size, const char *dir, const struct op *port)
{
	bool tcp = op_u64(port, F_NETWORK_PORT_PROTOCOL) == IPPROTO_TCP;
	unsigned number = (unsigned)op_u64(port, F_NETWORK_PORT_PORT);
	char name[80];
	unsigned long inode = 0;

	if (find_container(name, sizeof name, dir, port)) {
		snprintf(text, size, "the container '%s' has it", name);
		return;
	}
	if ((find_inode(tcp ? "/proc/net/tcp" : "/proc/net/udp", number, tcp, &inode) ||
	     find_inode(tcp ? "/proc/net/tcp6" : "/proc/net/udp6", number, tcp, &inode)) &&
	    find_process(text, size, inode))
		return;
	snprintf(text, size, "another program has it");
}
