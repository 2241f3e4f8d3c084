/* A virtual link dies with its network namespace, and a real one would come up in the initial one under a name of its own. So the namespace
 * is pinned by a mount on DIR/netns in the host's mount namespace until the link is back. DIR/nics: `HOST MTU MAC ALTNAME…` each. */
#include "nics.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include "error.h"
#include "fd.h"
#include "io.h"
#include "link-facts.h"
#include "netlink.h"

/* Inside it is known by its number: the container may rename it. Linux before 5.13 keeps the one it has had. */
#define FIRST_INDEX 1000000
#define RECORD_SIZE 8192

static int place_of(const struct plan *plan, const struct op *op)
{
	struct op other = { 0 };
	int place = 0;

	while (plan_next_of(plan, &other, OP_PHYS) && other.next != op->next)
		place++;
	return FIRST_INDEX + place;
}

static bool is_pinned(const char *dir)
{
	char path[4096];
	struct statfs fs;

	snprintf(path, sizeof path, "%s/netns", dir);
	return statfs(path, &fs) == 0 && fs.f_type == NSFS_MAGIC;
}

/* The caller is in its own mounts. */
static int pin(const struct container *c)
{
	char path[4096], source[64];
	_cleanup_close_ int fd = -1;
	int result;

	snprintf(path, sizeof path, "%s/netns", c->dir);
	snprintf(source, sizeof source, "/proc/%d/ns/net", c->init);
	if (setns(c->host_mntns, CLONE_NEWNS) < 0)
		return fail("setns", "mnt", "pin the network namespace");
	fd = open(path, O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	result = fd < 0 ? -1 : mount(source, path, NULL, MS_BIND, NULL);
	if (result < 0)
		fail("mount", path, "pin the network namespace");
	if (setns(c->outer_mntns, CLONE_NEWNS) < 0)
		return fail("setns", "mnt", "return to the outer mount namespace");
	return result;
}

static int write_record(const struct container *c, const struct link_facts *nic)
{
	_cleanup_close_ int fd = openat(c->dirfd, "nics", O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	char mac[2 * sizeof nic->mac + 1] = "";

	for (size_t i = 0; i < nic->mac_length; i++)
		snprintf(mac + 2 * i, 3, "%02x", nic->mac[i]);
	if (fd < 0 || dprintf(fd, "%s %u %s %s\n", nic->name, nic->mtu, *mac ? mac : "-", nic->altnames) < 0)
		return fail("write", "nics", "write down what '%s' is", nic->name);
	return 0;
}

/* The line of that link; NULL when there is none. */
static char *find_line(char *record, const char *name)
{
	size_t length = strlen(name);

	for (char *line = record; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (strncmp(line, name, length) == 0 && line[length] == ' ')
			return line;
	return NULL;
}

/* Perhaps another container of this run directory has it. */
static int explain_missing(const struct container *c, const char *name)
{
	char path[4096], record[RECORD_SIZE], reason[128] = "there is no such link on the host";
	struct dirent *entry;
	DIR *all;

	snprintf(path, sizeof path, "%s/..", c->dir);
	all = opendir(path);
	while (all && (entry = readdir(all))) {
		snprintf(path, sizeof path, "%.3800s/../%s/nics", c->dir, entry->d_name);
		if (entry->d_name[0] != '.' && read_small_file(AT_FDCWD, path, record, sizeof record) > 0 && find_line(record, name))
			snprintf(reason, sizeof reason, "the container '%.90s' has it", entry->d_name);
	}
	if (all)
		closedir(all);
	return refuse(reason, name, "move the link '%s' into the container", name);
}

static int explain_move(const char *name, const char *guest)
{
	switch (errno) {
	case EINVAL:
	case EPERM:
		return refuse("it is one that cannot leave the host's network namespace", name, "move the link '%s' into the container", name);
	case EEXIST:
		return refuse("the container has a link of that name already", guest, "move the link '%s' into the container as '%s'", name, guest);
	case EBUSY:
		return refuse("it is busy", name, "move the link '%s' into the container", name);
	default:
		return fail("netlink", name, "move the link '%s' into the container", name);
	}
}

int take_nic(struct container *c, const struct op *op)
{
	const char *name = op_str(op, F_PHYS_LINK), *guest = op_str(op, F_PHYS_GUEST);
	uint32_t mtu = (uint32_t)op_u64(op, F_PHYS_MTU);
	struct ifinfomsg info = { 0 };
	struct link_facts nic;
	struct request r;
	size_t length;
	const void *mac = op_bytes(op, F_PHYS_MAC, &length);

	if (read_link_facts(&nic, name, 0) < 0)
		return errno == ENODEV ? explain_missing(c, name) : fail("netlink", name, "find the link '%s'", name);
	if (nic.master) {
		struct link_facts master = { 0 };

		read_link_facts(&master, NULL, (int)nic.master);
		return refuse("it is busy: a port of another link", master.name, "move the link '%s' into the container: it is in '%s'", name,
			      master.name);
	}
	if ((!is_pinned(c->dir) && pin(c) < 0) || write_record(c, &nic) < 0)
		return -1;
	info.ifi_index = nic.index;
	begin_request(&r, RTM_NEWLINK, 0, &info, sizeof info);
	add_u32(&r, IFLA_NET_NS_PID, (uint32_t)c->init);
	add_text(&r, IFLA_IFNAME, guest);
	add_u32(&r, IFLA_NEW_IFINDEX, (uint32_t)place_of(&c->plan, op));
	if (length)
		add_attribute(&r, IFLA_ADDRESS, mac, length);
	if (mtu)
		add_u32(&r, IFLA_MTU, mtu);
	return send_request(&r) < 0 ? explain_move(name, guest) : 0;
}

/* In the container's network namespace. With its name, else with any. */
static int move_back(const struct link_facts *nic, const char *name, int host)
{
	struct ifinfomsg info = { .ifi_index = nic->index };
	const char *const names[] = { name, "ctr-nic%d" };
	int result = -1;

	for (int i = 0; i < 2 && result < 0; i++) {
		struct request r;

		begin_request(&r, RTM_NEWLINK, 0, &info, sizeof info);
		add_u32(&r, IFLA_NET_NS_FD, (uint32_t)host);
		add_text(&r, IFLA_IFNAME, names[i]);
		result = send_request(&r);
		if (result < 0 && errno != EEXIST)
			return -1;
		if (i > 0)
			warn("the link '%s' came back from the container under another name: its own is taken", name);
	}
	return result;
}

static void restore_altname(const struct link_facts *now, const char *altname)
{
	struct ifinfomsg info = { .ifi_index = now->index };
	struct rtattr *list;
	struct request r;

	begin_request(&r, RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND, &info, sizeof info);
	list = add_attribute(&r, IFLA_PROP_LIST | NLA_F_NESTED, NULL, 0);
	add_text(&r, IFLA_ALT_IFNAME, altname);
	close_nest(&r, list);
	if (send_request(&r) < 0 && errno != EEXIST)
		warn_errno("cannot give the link '%s' its alternative name '%s' again: netlink", now->name, altname);
}

/* In the host's network namespace. line: `HOST MTU MAC ALTNAME…` */
static void restore(char *line)
{
	struct link_facts now;
	struct ifinfomsg info = { 0 };
	struct request r;
	char *rest, *name = strtok_r(line, " ", &rest), *mtu = strtok_r(NULL, " ", &rest), *mac = strtok_r(NULL, " ", &rest), *altname;
	unsigned char bytes[32];
	size_t length = 0;

	if (!mac || read_link_facts(&now, name, 0) < 0)
		return;
	for (unsigned byte; length < sizeof bytes && sscanf(mac + 2 * length, "%2x", &byte) == 1; length++)
		bytes[length] = (unsigned char)byte;
	info.ifi_index = now.index;
	begin_request(&r, RTM_NEWLINK, 0, &info, sizeof info);
	add_u32(&r, IFLA_MTU, (uint32_t)strtoul(mtu, NULL, 10));
	if (length == now.mac_length && memcmp(bytes, now.mac, length) != 0)
		add_attribute(&r, IFLA_ADDRESS, bytes, length);
	if (send_request(&r) < 0)
		warn_errno("cannot make the link '%s' what it was: netlink", name);
	while ((altname = strtok_r(NULL, " ", &rest)))
		restore_altname(&now, altname);
}

static void return_nic(const struct op *op, int index, char *record, int inside, int host)
{
	const char *name = op_str(op, F_PHYS_LINK);
	struct link_facts nic;
	char *line = find_line(record, name), copy[RECORD_SIZE];
	bool is_there;

	if (!line || setns(inside, CLONE_NEWNET) < 0)
		return;
	is_there = read_link_facts(&nic, NULL, index) == 0 || read_link_facts(&nic, op_str(op, F_PHYS_GUEST), 0) == 0;
	if (is_there && move_back(&nic, name, host) < 0)
		warn_errno("cannot move the link '%s' back to the host: netlink", name);
	if (setns(host, CLONE_NEWNET) < 0)
		warn_errno("cannot return to the host's network namespace: setns");
	snprintf(copy, sizeof copy, "%.*s", (int)strcspn(line, "\n"), line);
	restore(copy);
}

void return_nics(const struct plan *plan, const char *dir)
{
	_cleanup_close_ int host = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int inside = -1;
	char path[4096], record[RECORD_SIZE] = "";
	struct op op = { 0 };

	snprintf(path, sizeof path, "%s/nics", dir);
	if (read_small_file(AT_FDCWD, path, record, sizeof record) < 0)
		record[0] = 0;
	unlink(path);
	snprintf(path, sizeof path, "%s/netns", dir);
	if (is_pinned(dir))
		inside = open(path, O_RDONLY | O_CLOEXEC);
	while (inside >= 0 && host >= 0 && plan_next_of(plan, &op, OP_PHYS))
		return_nic(&op, place_of(plan, &op), record, inside, host);
	umount2(path, MNT_DETACH);
	unlink(path);
}
