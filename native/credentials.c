#include "credentials.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PR_CAP_AMBIENT
#define PR_CAP_AMBIENT 47
#define PR_CAP_AMBIENT_RAISE 2
#define PR_CAP_AMBIENT_CLEAR_ALL 4
#endif

void credentials_from_plan(struct credentials *credentials, const struct plan *plan)
{
	struct op op = { 0 };

	memset(credentials, 0, sizeof *credentials);
	while (plan_next_in(plan, &op, PHASE_INIT)) {
		switch (op.code) {
		case OP_CAPABILITIES:
			credentials->has_caps = true;
			credentials->bounding = op_u64(&op, F_CAPABILITIES_BOUNDING);
			credentials->effective = op_u64(&op, F_CAPABILITIES_EFFECTIVE);
			credentials->permitted = op_u64(&op, F_CAPABILITIES_PERMITTED);
			credentials->inheritable = op_u64(&op, F_CAPABILITIES_INHERITABLE);
			credentials->ambient = op_u64(&op, F_CAPABILITIES_AMBIENT);
			break;
		case OP_NO_NEW_PRIVS:
			credentials->no_new_privs = true;
			break;
		case OP_SECCOMP:
			/* Never one less than the plan has: loading them fails. */
			if (credentials->filter_count >= MAX_FILTERS) {
				credentials->filter_count = MAX_FILTERS + 1;
				break;
			}
			credentials->filters[credentials->filter_count].program =
				op_bytes(&op, F_SECCOMP_PROGRAM, &credentials->filters[credentials->filter_count].length);
			credentials->filter_count++;
			credentials->seccomp_early = op_u64(&op, F_SECCOMP_OPTIONS) & OPT_EARLY;
			break;
		}
	}
}

static int drop_bounding(uint64_t keep)
{
	for (int cap = 0; cap < 64; cap++) {
		if (keep >> cap & 1 || prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		if (errno == EINVAL)
			break; /* past the last capability of this kernel */
		/* Who lacks CAP_SETPCAP may lack this one, too: then there is nothing to drop. */
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) != 0)
			return -1;
	}
	return 0;
}

static int change_groups(const struct credentials *c)
{
	/* EPERM with setgroups denied in the user namespace: nothing can be cleared then, but a group besides the primary one is missing. */
	if (syscall(SYS_setgroups, (size_t)c->ngroups, c->groups) == 0)
		return 0;
	for (int i = 0; i < c->ngroups; i++)
		if (c->groups[i] != c->gid)
			return -1;
	return errno == EPERM ? 0 : -1;
}

/* All ids at once by raw system calls: this process has one thread, and libc's wrappers would signal others. */
static int change_ids(const struct credentials *c)
{
	if (syscall(SYS_setresgid, c->gid, c->gid, c->gid) < 0)
		return -1;
	return syscall(SYS_setresuid, c->uid, c->uid, c->uid) < 0 ? -1 : 0;
}

static int set_capabilities(const struct credentials *c)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	/* Another user than root has none after exec but the ambient ones (capabilities(7)). */
	uint64_t mask = c->uid == 0 ? ~0ull : c->ambient | c->inheritable;
	struct __user_cap_data_struct own[2] = { 0 };

	/* Nobody can give what it lacks: a starter without a capability (a service with a bounding set, say) starts containers without it. */
	if (syscall(SYS_capget, &header, own) < 0)
		return -1;
	mask &= own[0].permitted | (uint64_t)own[1].permitted << 32;
	for (int half = 0; half < 2; half++) {
		data[half].effective = (uint32_t)((c->effective & mask) >> 32 * half);
		data[half].permitted = (uint32_t)((c->permitted & mask) >> 32 * half);
		data[half].inheritable = (uint32_t)((c->inheritable & mask) >> 32 * half);
	}
	return (int)syscall(SYS_capset, &header, data);
}

static int raise_ambient(uint64_t ambient)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct own[2] = { 0 };

	/* What the starter lacks, capset() has left out. */
	if (ambient && syscall(SYS_capget, &header, own) < 0)
		return -1;
	ambient &= own[0].permitted | (uint64_t)own[1].permitted << 32;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return -1;
	for (int cap = 0; cap < 64; cap++)
		if (ambient >> cap & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return -1;
	return 0;
}

int load_filters(const struct credentials *c)
{
	if (c->seccomp_loaded)
		return 0;
	if (c->filter_count > MAX_FILTERS) {
		errno = E2BIG;
		return -1;
	}
	for (int i = 0; i < c->filter_count; i++) {
		struct sock_fprog program = {
			.len = (unsigned short)(c->filters[i].length / sizeof(struct sock_filter)),
			.filter = (struct sock_filter *)c->filters[i].program,
		};

		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
			return -1;
	}
	return 0;
}

int load_early_seccomp(struct credentials *c)
{
	if (!c->seccomp_early || c->no_new_privs)
		return 0;
	if (load_filters(c) < 0)
		return -1;
	c->seccomp_loaded = true;
	return 0;
}

#define TRY(name, expression)          \
	do {                           \
		*failed_call = name;   \
		if ((expression) < 0)  \
			return -1;     \
	} while (0)

int apply_credentials(const struct credentials *c, const char **failed_call)
{
	/* Without no_new_privs a filter needs CAP_SYS_ADMIN, which may go below: it is loaded first, and has to allow what follows. */
	if (c->no_new_privs)
		TRY("prctl(NO_NEW_PRIVS)", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	if (!c->no_new_privs)
		TRY("seccomp", load_filters(c));
	if (c->has_caps)
		TRY("prctl(CAPBSET_DROP)", drop_bounding(c->bounding));
	/* So that a change away from uid 0 leaves the permitted set to capset below. */
	TRY("prctl(KEEPCAPS)", prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	TRY("setgroups", change_groups(c));
	TRY("setresuid", change_ids(c));
	if (c->has_caps) {
		TRY("capset", set_capabilities(c));
		TRY("prctl(CAP_AMBIENT)", raise_ambient(c->ambient));
	}
	TRY("prctl(KEEPCAPS)", prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0));
	if (c->no_new_privs)
		TRY("seccomp", load_filters(c));
	return 0;
}
