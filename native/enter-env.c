/* The environment of what enters: the plan's, then what follows from the user, the caller's TERM, and what was asked for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "enter.h"

extern char **environ;

#define MAX_VARIABLES 4096
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static char *variables[MAX_VARIABLES + 1];
static int count;

/* Replaces the variable of that name; false when there are too many. */
static bool set_variable(char *entry)
{
	size_t name = strcspn(entry, "=") + 1;

	for (int i = 0; i < count; i++) {
		if (strncmp(variables[i], entry, name) == 0) {
			variables[i] = entry;
			return true;
		}
	}
	if (count == MAX_VARIABLES)
		return false;
	variables[count++] = entry;
	return true;
}

static const char *value_of(const char *name)
{
	size_t length = strlen(name);

	for (int i = 0; i < count; i++)
		if (strncmp(variables[i], name, length) == 0 && variables[i][length] == '=')
			return variables[i] + length + 1;
	return NULL;
}

/* For the few that are made here; each has its own place to live in. */
static bool set_pair(char *place, size_t size, const char *name, const char *value)
{
	snprintf(place, size, "%s=%s", name, value);
	return set_variable(place);
}

static bool add_user_variables(const struct user *user)
{
	static char home[sizeof user->home + 8], shell[sizeof user->shell + 8], name[sizeof user->name + 8],
		logname[sizeof user->name + 8];

	return set_pair(home, sizeof home, "HOME", user->home) && set_pair(shell, sizeof shell, "SHELL", user->shell) &&
	       set_pair(name, sizeof name, "USER", user->name) && set_pair(logname, sizeof logname, "LOGNAME", user->name);
}

/* Without a terminal of its own, too: its output may well come to be shown on the caller's. */
static bool add_term(void)
{
	static char term[256];
	const char *value = getenv("TERM");

	return !value || strlen(value) > 128 || set_pair(term, sizeof term, "TERM", value);
}

/* The caller's own variables, of which nothing is needed any more: /proc/PID/environ of what enters shows this memory until its
 * exec, to root inside where that is root of the host's user namespace. */
static void forget_caller(void)
{
	for (char **entry = environ; *entry; entry++)
		memset(*entry, 0, strlen(*entry));
	*environ = NULL;
}

const char *build_environment(struct entering *e, char *const *extra, int extra_count)
{
	static char path[] = "PATH=" DEFAULT_PATH;
	struct op op = { 0 };
	bool fits = true;

	while (fits && plan_next_of(&e->plan, &op, OP_ENV))
		fits = set_variable((char *)op_str(&op, F_ENV_ENTRY));
	fits = fits && add_user_variables(&e->user) && add_term();
	for (int i = 0; fits && i < extra_count; i++)
		fits = set_variable(extra[i]);
	if (fits && !value_of("PATH"))
		fits = set_variable(path);
	if (!fits)
		return "there are more than 4096 variables in its environment";
	forget_caller();
	e->envp = variables;
	e->search_path = value_of("PATH");
	return NULL;
}
