/* What init becomes: the plan's init phase, to the exec. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "container.h"
#include "credentials.h"
#include "error.h"
#include "fd.h"
#include "hooks.h"
#include "links.h"
#include "passwd.h"
#include "process.h"
#include "procfs.h"
#include "sync.h"

#define MAX_ARGUMENTS 512
#define MAX_FALLBACKS 16

static int resolve_user(const struct op *op, struct credentials *credentials)
{
	const char *user = op_str(op, F_USER_USER), *group = op_str(op, F_USER_GROUP);
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *reason = root < 0 ? "the root cannot be opened" : lookup_init_user(root, user, group, credentials);

	if (reason)
		return refuse(reason, *user ? user : group, "look up the user '%s'", *user ? user : group);
	/* The console belongs to whom it is for; or the pipe. */
	if (credentials->uid)
		fchown(1, credentials->uid, (gid_t)-1);
	return 0;
}

/* What exec needs, as the plan says it. */
struct program {
	const char *path, *cwd;
	char *argv[MAX_ARGUMENTS + 2], *envp[MAX_ARGUMENTS + 1];
	int argc, envc;
	const char *fallbacks[MAX_FALLBACKS];
	int fallback_count;
	struct credentials credentials;
};

static int add_variable(struct program *p, const char *entry)
{
	if (p->envc == MAX_ARGUMENTS)
		return refuse("more than 512", entry, "set the environment");
	p->envp[p->envc++] = (char *)entry;
	return 0;
}

static bool has_variable(const struct program *p, const char *name)
{
	size_t length = strlen(name);

	for (int i = 0; i < p->envc; i++)
		if (strncmp(p->envp[i], name, length) == 0 && p->envp[i][length] == '=')
			return true;
	return false;
}

/* Those of a run's command line, which take the place of others of their name. */
static int take_command(struct program *p, const struct command *command)
{
	for (int k = 0; k < command->env_count; k++) {
		size_t length = strcspn(command->env[k], "=") + 1;
		int i = 0;

		while (i < p->envc && strncmp(p->envp[i], command->env[k], length) != 0)
			i++;
		if (i < p->envc)
			p->envp[i] = command->env[k];
		else if (add_variable(p, command->env[k]) < 0)
			return -1;
	}
	if (command->cwd)
		p->cwd = command->cwd;
	return 0;
}

/* What the root's /etc/passwd says of the user of init, where the plan says nothing. */
static int add_user_variables(struct program *p)
{
	static char entries[3][1040];
	const struct user *user = found_init_user();
	const char *const variables[3][2] = { { "HOME", user->home }, { "USER", user->name }, { "LOGNAME", user->name } };

	for (int i = 0; i < 3; i++) {
		if (has_variable(p, variables[i][0]) || !*variables[i][1])
			continue;
		snprintf(entries[i], sizeof entries[i], "%s=%s", variables[i][0], variables[i][1]);
		if (add_variable(p, entries[i]) < 0)
			return -1;
	}
	return 0;
}

/* The primary group, and these instead of those that /etc/group has for the user. */
static int set_groups(struct credentials *credentials, const char *gids)
{
	credentials->ngroups = 0;
	credentials->groups[credentials->ngroups++] = credentials->gid;
	while (*gids) {
		char *end;
		gid_t gid = (gid_t)strtoul(gids, &end, 10);

		if (end == gids || credentials->ngroups == MAX_GROUPS)
			return refuse("they are no list of at most 63 numbers", gids, "set the groups of init");
		if (gid != credentials->gid)
			credentials->groups[credentials->ngroups++] = gid;
		gids = end + strspn(end, " ");
	}
	return 0;
}

/* The filter may be loaded by now: a plan with other steps than those of STEPS_OF_INIT in src/security/plan-seccomp.ts loads it last. */
static int do_init_op(const struct container *c, const struct op *op, struct program *p)
{
	switch (op->code) {
	case OP_SYSCTL:
		return write_sysctl(c->procfs, op);
	case OP_GROUPS:
		return set_groups(&p->credentials, op_str(op, F_GROUPS_GIDS));
	case OP_USER_ENV:
		return add_user_variables(p);
	case OP_EXEC_FALLBACK:
		if (p->fallback_count == MAX_FALLBACKS)
			return refuse("more than 16", op_str(op, 0), "set the paths of init");
		p->fallbacks[p->fallback_count++] = op_str(op, F_EXEC_FALLBACK_PATH);
		return 0;
	case OP_ARG_ZERO:
		p->argv[0] = (char *)op_str(op, F_ARG_ZERO_VALUE);
		return 0;
	case OP_ADDRESS:
	case OP_LINK_UP:
	case OP_ROUTE:
		return do_network_op(op);
	case OP_REMOUNT:
		return mount(NULL, op_str(op, F_REMOUNT_PATH), NULL, (unsigned long)op_u64(op, F_REMOUNT_FLAGS), NULL) < 0
			       ? fail("mount", op_str(op, F_REMOUNT_PATH), "change the mount at '%s'", op_str(op, 0))
			       : 0;
	case OP_PERSONALITY:
		return personality((unsigned long)op_u64(op, F_PERSONALITY_VALUE)) < 0
			       ? fail("personality", "", "set the personality")
			       : 0;
	case OP_USER:
		return resolve_user(op, &p->credentials);
	case OP_CWD:
		p->cwd = op_str(op, F_CWD_PATH);
		return 0;
	case OP_ENV:
		return add_variable(p, op_str(op, F_ENV_ENTRY));
	case OP_ARG:
		if (p->argc == MAX_ARGUMENTS)
			return refuse("more than 512", op_str(op, 0), "set the arguments");
		p->argv[1 + p->argc++] = (char *)op_str(op, F_ARG_VALUE);
		return 0;
	case OP_EXEC:
		p->path = op_str(op, F_EXEC_PATH);
		return 0;
	default:
		return 0;
	}
}

/* Directory descriptors and magic links lead out of a container: after chdir the kernel must be able to name the place (CVE-2024-21626). */
static int change_directory(const char *path)
{
	char here[4096];

	if (chdir(path) < 0)
		return fail("chdir", path, "change to the directory '%s'", path);
	if (syscall(SYS_getcwd, here, sizeof here) < 0 || here[0] != '/')
		return refuse("it lies outside of the root", path, "change to the directory '%s'", path);
	return 0;
}

/* The first that exists; what exists and cannot be run is no reason to take another. The failure is that of the first. */
static int exec_init(struct program *p)
{
	const char *path = p->path;
	bool named = p->argv[0] != NULL;

	for (int i = 0;; path = p->fallbacks[i++]) {
		if (!named)
			p->argv[0] = (char *)path;
		execve(path, p->argv, p->envp);
		if (errno != ENOENT)
			return fail("execve", path, "run the init '%s'", path);
		if (i == p->fallback_count)
			return fail("execve", p->path, "run the init '%s'", p->path);
	}
}

static int await_host_hooks(const struct container *c)
{
	if (!has_hooks(&c->plan, "start-host"))
		return 0;
	if (send_message(c->sync, SYNC_READY) < 0)
		_exit(125);
	return await_message(c->sync, SYNC_GO);
}

int become_program(struct container *c, const struct credentials *credentials)
{
	static struct program p;
	struct op op = { 0 };
	const char *call;

	p.credentials = *credentials;
	while (plan_next_in(&c->plan, &op, PHASE_INIT))
		if (do_init_op(c, &op, &p) < 0)
			return -1;
	if (c->command && take_command(&p, c->command) < 0)
		return -1;
	if (change_directory(p.cwd ? p.cwd : "/") < 0)
		return -1;
	/* Hooks are container code as well, and inherit what their exec shall be labelled with. */
	if (!c->reaps_here)
		await_reaper(c);
	if (await_host_hooks(c) < 0 || set_exec_labels(c->procfs, &c->plan) < 0 || run_inside_hooks(&c->plan, &p.credentials) < 0)
		return -1;
	if (set_own_attributes(&c->plan) < 0)
		return -1;
	if (c->filtered)
		p.credentials.filter_count = 0;
	if (apply_credentials(&p.credentials, &call) < 0)
		return fail(call, "", "take on user, capabilities and seccomp filter");
	/* Cleared by every change of credentials, so set last: init does not outlive its monitor. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	await_reaper(c);
	if (send_message(c->sync, SYNC_EXEC) < 0)
		_exit(125);
	return c->command ? exec_command(c->command, p.envp) : exec_init(&p);
}

