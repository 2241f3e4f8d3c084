#include "bridge-ports.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "netlink.h"

static int open_marks(const char *dir, bool make)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/../../dying-ports", dir);
	if (make)
		mkdir(path, 0700);
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Without asking under the kernel's lock of links: who removes one holds it. */
static bool is_listed(const char *link)
{
	char path[64];

	snprintf(path, sizeof path, "/sys/class/net/%.20s", link);
	return access(path, F_OK) == 0;
}

static void sweep_marks(int marks)
{
	int copy = dup(marks);
	DIR *all = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (!all)
		return;
	rewinddir(all);
	while ((entry = readdir(all)))
		if (entry->d_name[0] != '.' && !is_listed(entry->d_name))
			unlinkat(marks, entry->d_name, 0);
	closedir(all);
}

void mark_dying_ports(const struct plan *plan, const char *dir)
{
	_cleanup_close_ int marks = -1;
	struct op op = { 0 };

	while (plan_next_of(plan, &op, OP_VETH)) {
		const char *name = op_str(&op, F_VETH_HOST);

		if (!*op_str(&op, F_VETH_MASTER))
			continue;
		if (marks < 0 && (marks = open_marks(dir, true)) < 0)
			return;
		if (is_listed(name))
			close_fd(&(int){ openat(marks, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600) });
	}
	if (marks >= 0)
		sweep_marks(marks);
}

void forget_dying_port(const char *dir, const char *name)
{
	_cleanup_close_ int marks = open_marks(dir, false);

	if (marks >= 0)
		unlinkat(marks, name, 0);
}

static DIR *open_ports(const char *bridge)
{
	char path[64];

	snprintf(path, sizeof path, "/sys/class/net/%.20s/brif", bridge);
	return opendir(path);
}

bool has_port(const char *bridge, const char *dir)
{
	_cleanup_close_ int marks = open_marks(dir, false);
	DIR *ports = open_ports(bridge);
	struct dirent *entry;
	bool found = false;

	while (ports && !found && (entry = readdir(ports)))
		found = entry->d_name[0] != '.' && (marks < 0 || faccessat(marks, entry->d_name, F_OK, 0) < 0);
	/* The bridge goes, and with it who was in it: nobody will ask for them again. */
	if (ports && !found && marks >= 0) {
		rewinddir(ports);
		while ((entry = readdir(ports)))
			if (entry->d_name[0] != '.')
				unlinkat(marks, entry->d_name, 0);
	}
	if (ports)
		closedir(ports);
	return found;
}

int set_port_flags(const struct op *op)
{
	const char *link = op_str(op, F_BRIDGE_PORT_LINK);
	uint8_t isolated = op_u64(op, F_BRIDGE_PORT_ISOLATED) != 0, hairpin = op_u64(op, F_BRIDGE_PORT_HAIRPIN) != 0;
	struct ifinfomsg info = { .ifi_index = link_index(link) };
	struct rtattr *link_info, *data;
	struct request r;

	begin_request(&r, RTM_NEWLINK, 0, &info, sizeof info);
	link_info = add_attribute(&r, IFLA_LINKINFO, NULL, 0);
	add_text(&r, IFLA_INFO_SLAVE_KIND, "bridge");
	data = add_attribute(&r, IFLA_INFO_SLAVE_DATA, NULL, 0);
	add_attribute(&r, IFLA_BRPORT_ISOLATED, &isolated, sizeof isolated);
	/* What leads to itself by a port of the host is on already. */
	if (hairpin)
		add_attribute(&r, IFLA_BRPORT_MODE, &hairpin, sizeof hairpin);
	close_nest(&r, data);
	close_nest(&r, link_info);
	return send_request(&r) < 0 ? fail("netlink", link, "set what the port '%s' of its bridge may do", link) : 0;
}
