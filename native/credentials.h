/* Who a process of the container is and what it may do: the same for init and for what `enter` starts. */
#ifndef CTR_CREDENTIALS_H
#define CTR_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "plan.h"

#define MAX_GROUPS 64
#define MAX_FILTERS 4

struct credentials {
	uint64_t bounding, effective, permitted, inheritable, ambient;
	bool has_caps, no_new_privs;
	struct {
		const void *program; /* array of struct sock_filter, in the plan */
		size_t length;	     /* bytes */
	} filters[MAX_FILTERS];
	int filter_count;
	bool seccomp_early, seccomp_loaded;
	uid_t uid;
	gid_t gid;
	gid_t groups[MAX_GROUPS];
	int ngroups;
};

/* Capabilities, no_new_privs and seccomp from the plan; uid, gid and groups are 0 and empty. */
void credentials_from_plan(struct credentials *credentials, const struct plan *plan);

/* Loads the filter already when the plan says that it allows what follows; -1 with errno. */
int load_early_seccomp(struct credentials *credentials);

/* The filters alone: under no_new_privs, or with CAP_SYS_ADMIN. -1 with errno. */
int load_filters(const struct credentials *credentials);

/* Takes them on, last thing before exec; -1 with errno and the call that refused. */
int apply_credentials(const struct credentials *credentials, const char **failed_call);

#endif
