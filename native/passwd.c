#include "passwd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "io.h"
#include "text.h"

#define FILE_MAX (1u << 20)
/* (uid_t)-1 means "no change" to the kernel. */
#define ID_MAX 4294967294u

const char no_such_user[] = "there is no such user in its /etc/passwd";
#define NO_GROUP "there is no such group in its /etc/group"

static char content[FILE_MAX + 1];

/* The file may be anything the container could put there: a device (opening one can have effects), a FIFO (waits for ever), a
 * link to the host's. It is looked at before it is opened. */
static int open_database(int root, const char *path)
{
	_cleanup_close_ int place = open_in_root(root, path, O_PATH);
	struct stat st;
	int fd;

	if (place < 0 || fstat(place, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	fd = reopen(place, O_RDONLY | O_NONBLOCK);
	/* init's own look-up in a root without /proc. */
	return fd < 0 && errno == ENOENT ? open_in_root(root, path, O_RDONLY | O_NONBLOCK) : fd;
}

/* Into `content`; a missing file is an empty one. */
static const char *load(int root, const char *path, const char *unreadable)
{
	_cleanup_close_ int fd = open_database(root, path);
	size_t got = 0;
	ssize_t n;

	content[0] = 0;
	if (fd < 0)
		return errno == ENOENT ? NULL : unreadable;
	while (got <= FILE_MAX && (n = read(fd, content + got, FILE_MAX + 1 - got)) != 0) {
		if (n < 0 && errno != EINTR)
			return unreadable;
		got += n > 0 ? (size_t)n : 0;
	}
	if (got > FILE_MAX)
		return unreadable;
	content[got] = 0;
	/* A NUL inside would end the text early. */
	return strlen(content) == got ? NULL : unreadable;
}

/* Cuts the next line off the text at *at and splits it at colons; the number of fields, 0 at the end of the text. */
static int next_entry(char **at, char **fields, int max)
{
	char *line = *at;
	int count = 1;

	if (!*line)
		return 0;
	*at = line + strcspn(line, "\n");
	if (**at)
		*(*at)++ = 0;
	fields[0] = line;
	for (; *line; line++) {
		if (*line != ':')
			continue;
		*line = 0;
		if (count < max)
			fields[count] = line + 1;
		count++;
	}
	return count;
}

static bool parse_id(const char *text, uint32_t *id)
{
	uint64_t number;

	if (!parse_number(text, ID_MAX, &number))
		return false;
	*id = (uint32_t)number;
	return true;
}

/* Portable names (useradd(8)), upper case and dots as well, a $ at the end. No digit first: a number is never taken for a name. */
static bool is_name(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	size_t length = strlen(text);

	if (!length || length > 255 || !strchr(letters, text[0]))
		return false;
	if (length > 1 && text[length - 1] == '$')
		length--;
	for (size_t i = 1; i < length; i++)
		if (!strchr(letters, text[i]) && !strchr("0123456789.-", text[i]))
			return false;
	return true;
}

static void copy_path(char *to, size_t size, const char *path, const char *otherwise)
{
	strcpy(to, path[0] == '/' && strlen(path) < size ? path : otherwise);
}

/* Fills user from the first entry with this name, or with this uid when name is NULL; false when there is none. */
static bool find_entry(const char *name, uint32_t uid, struct user *user)
{
	char *at = content, *fields[7];
	int count;

	while ((count = next_entry(&at, fields, 7))) {
		uint32_t its_uid, its_gid;

		if (count != 7 || !is_name(fields[0]) || !parse_id(fields[2], &its_uid) || !parse_id(fields[3], &its_gid))
			continue;
		if (name ? strcmp(fields[0], name) != 0 : its_uid != uid)
			continue;
		user->uid = its_uid;
		user->gid = its_gid;
		strcpy(user->name, fields[0]);
		copy_path(user->home, sizeof user->home, fields[5], "/");
		copy_path(user->shell, sizeof user->shell, fields[6], "/bin/sh");
		return true;
	}
	return false;
}

static bool find_group(const char *name, gid_t *gid)
{
	char *at = content, *fields[4];
	int count;

	while ((count = next_entry(&at, fields, 4)))
		if (count == 4 && strcmp(fields[0], name) == 0 && parse_id(fields[2], gid))
			return true;
	return false;
}

static bool is_member(const char *members, const char *name)
{
	size_t length = strlen(name);

	while (*members) {
		size_t size = strcspn(members, ",");

		if (size == length && memcmp(members, name, size) == 0)
			return true;
		members += size + (members[size] == ',');
	}
	return false;
}

static const char *add_group(struct user *user, gid_t gid)
{
	for (int i = 0; i < user->ngroups; i++)
		if (user->groups[i] == gid)
			return NULL;
	/* None is left out in silence: a file may be closed to the members of a group. */
	if (user->ngroups == MAX_GROUPS)
		return "it is in more than 64 groups";
	user->groups[user->ngroups++] = gid;
	return NULL;
}

/* The groups that name it as a member. */
static const char *add_memberships(struct user *user)
{
	char *at = content, *fields[4];
	int count;

	while ((count = next_entry(&at, fields, 4))) {
		const char *reason;
		gid_t gid;

		if (count != 4 || !parse_id(fields[2], &gid) || !is_member(fields[3], user->name))
			continue;
		reason = add_group(user, gid);
		if (reason)
			return reason;
	}
	return NULL;
}

static const char *resolve_user(int root, const char *who, struct user *user, bool *known)
{
	const char *number = who[0] == '+' ? who + 1 : who;
	const char *reason = load(root, "/etc/passwd", "its /etc/passwd is no regular text file of at most 1 MiB");
	struct text name = { 0 };

	if (reason)
		return reason;
	if (parse_id(number, &user->uid)) {
		*known = find_entry(NULL, user->uid, user);
		if (*known)
			return NULL;
		if (user->uid)
			text_add_number(&name, user->uid);
		else
			text_add(&name, "root");
		strcpy(user->name, name.bytes);
		strcpy(user->home, "/");
		strcpy(user->shell, "/bin/sh");
		return NULL;
	}
	if (!is_name(who))
		return "it is neither a name nor a number";
	*known = find_entry(who, 0, user);
	return *known ? NULL : no_such_user;
}

/* group "": none given. */
static const char *resolve_group(int root, const char *group, struct user *user, bool known, bool assume_zero)
{
	const char *number = group[0] == '+' ? group + 1 : group;
	const char *reason = load(root, "/etc/group", "its /etc/group is no regular text file of at most 1 MiB");

	if (reason)
		return reason;
	if (!*group) {
		if (!known && user->uid != 0 && !assume_zero)
			return "it has no entry in its /etc/passwd, so it needs a group: USER:GROUP";
		if (!known)
			user->gid = 0;
		add_group(user, user->gid);
		return known ? add_memberships(user) : NULL;
	}
	if (!parse_id(number, &user->gid)) {
		if (!is_name(group))
			return "its group is neither a name nor a number";
		if (!find_group(group, &user->gid))
			return NO_GROUP;
	}
	/* A group that was asked for is the only one, as with docker(1) and podman(1). */
	return add_group(user, user->gid);
}

static const char *resolve(int root, const char *name, const char *group, bool assume_zero, struct user *user)
{
	bool known = false;
	const char *reason;

	memset(user, 0, sizeof *user);
	reason = resolve_user(root, name, user, &known);
	return reason ? reason : resolve_group(root, group, user, known, assume_zero);
}

const char *lookup_user(int root, const char *who, struct user *user)
{
	const char *colon = strchr(who, ':');
	size_t length = colon ? (size_t)(colon - who) : strlen(who);
	char name[256];

	if (!length || length >= sizeof name || (colon && !colon[1]))
		return "it is neither a name nor a number";
	memcpy(name, who, length);
	name[length] = 0;
	return resolve(root, name, colon ? colon + 1 : "", false, user);
}

static struct user init_user;

const struct user *found_init_user(void)
{
	return &init_user;
}

const char *lookup_init_user(int root, const char *name, const char *group, struct credentials *credentials)
{
	const char *reason = resolve(root, *name ? name : "0", group, true, &init_user);

	if (reason)
		return reason;
	credentials->uid = init_user.uid;
	credentials->gid = init_user.gid;
	memcpy(credentials->groups, init_user.groups, sizeof init_user.groups);
	credentials->ngroups = init_user.ngroups;
	return NULL;
}
