/* Users and groups of a container: its own /etc/passwd and /etc/group, read without libc's NSS (which would load code from
 * inside) and without trusting a byte of them. */
#ifndef CTR_PASSWD_H
#define CTR_PASSWD_H

#include <sys/types.h>

#include "credentials.h"

struct user {
	uid_t uid;
	gid_t gid;
	gid_t groups[MAX_GROUPS]; /* supplementary ones, gid first */
	int ngroups;
	char name[256];  /* the number when it has no name, "root" for 0 */
	char home[1024]; /* "/" when it has none */
	char shell[1024];
};

/* `who` is uid[:gid] or name[:group], "+N" a number too. root is a directory descriptor of the container's root. NULL, or why
 * not. A number without an entry needs a group beside it: none is assumed, but for 0. */
const char *lookup_user(int root, const char *who, struct user *user);

/* That reason of lookup_user() which is no fault of a file. */
extern const char no_such_user[];

/* User and group of init, "" for none given: libvirt's meaning, where a number without an entry is of group 0. */
const char *lookup_init_user(int root, const char *user, const char *group, struct credentials *credentials);

/* The user that lookup_init_user() has found last. */
const struct user *found_init_user(void);

#endif
