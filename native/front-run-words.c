/* The command line of `ctr run`: what of it decides about the container goes to the compiler, the rest stays here. */
#include "front-run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "front.h"
#include "run.h"

#define PATH_SIZE 4096

/* A number of seconds, or with ms, s, m, h. */
static bool read_duration(const char *text, int64_t *ms)
{
	static const struct {
		const char *unit;
		double ms;
	} units[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 } };
	size_t digits = strspn(text, "0123456789.");
	char *end;
	double value = strtod(text, &end);

	for (size_t i = 0; digits && end == text + digits && i < sizeof units / sizeof *units; i++) {
		if (strcmp(end, units[i].unit) != 0)
			continue;
		*ms = (int64_t)(value * units[i].ms + 0.5);
		return value * units[i].ms < 1e12;
	}
	return false;
}

static char *join(const char *a, const char *b, const char *c, const char *d)
{
	size_t size = strlen(a) + strlen(b) + strlen(c) + strlen(d) + 1;
	char *text = malloc(size);

	if (!text)
		die(RUN_FAILED, "cannot run: out of memory");
	snprintf(text, size, "%s%s%s%s", a, b, c, d);
	return text;
}

/* The compiler runs elsewhere, and what it leaves serves from everywhere. */
static const char *absolute(const char *option, const char *value)
{
	char here[PATH_SIZE];

	if (value[0] == '/' || (strcmp(option, "rootfs") && strcmp(option, "bind") && strcmp(option, "bind-ro")))
		return value;
	if (!*value || !getcwd(here, sizeof here))
		return value;
	while (strncmp(value, "./", 2) == 0)
		value += 2;
	if (value[0] == '.' && (value[1] == 0 || value[1] == ':'))
		return join(here, value + 1, "", "");
	return join(here, "/", value, "");
}

static bool take(struct words *w, const char *option, char *value)
{
	if (strcmp(option, "timeout") == 0)
		return read_duration(value, &w->timeout_ms);
	if (strcmp(option, "env") == 0) {
		if (w->env_count == MAX_VARIABLES || *value == '=' || !strchr(value, '='))
			return false;
		w->env[w->env_count++] = value;
	} else if (strcmp(option, "workdir") == 0) {
		w->workdir = value;
		return *value == '/';
	} else if (strcmp(option, "tty") == 0) {
		w->tty = true;
	} else if (strcmp(option, "no-tty") == 0) {
		w->no_tty = true;
	} else if (strcmp(option, "report") == 0) {
		w->report = true;
	} else {
		if (w->count == MAX_WORDS)
			return false;
		if (strcmp(option, "name") == 0) {
			w->name = value;
			return is_name(value);
		}
		w->boot |= strcmp(option, "boot") == 0;
		w->ephemeral |= strcmp(option, "ephemeral") == 0;
		if (strcmp(option, "rootfs") == 0)
			w->rootfs = value = (char *)absolute(option, value);
		w->plan[w->count++] = value ? join("--", option, "=", absolute(option, value)) : join("--", option, "", "");
	}
	return true;
}

static const struct hot_option *find(const char *text, size_t length, char letter)
{
	const struct hot_option *option = hot_options_run;

	while (option->long_name && (letter ? option->short_name != letter
					    : strlen(option->long_name) != length || memcmp(option->long_name, text, length) != 0))
		option++;
	return option->long_name ? option : NULL;
}

/* --name, --name=value, --name value, -n, -nvalue, -n value; letters of options without values may be joined. */
static bool read_word(struct words *w, char **argv, int *i)
{
	char *text = argv[*i], *value;
	const struct hot_option *option;

	if (text[1] == '-') {
		size_t length = strcspn(text + 2, "=");

		option = find(text + 2, length, 0);
		value = text[2 + length] ? text + 3 + length : NULL;
		if (!option || (value && !option->takes_value))
			return false;
		if (option->takes_value && !value)
			value = argv[++*i];
		return (!option->takes_value || value) && take(w, option->long_name, value);
	}
	for (text++; *text; text++) {
		option = find(NULL, 0, *text);
		if (!option)
			return false;
		if (option->takes_value) {
			value = text[1] ? text + 1 : argv[++*i];
			return value && take(w, option->long_name, value);
		}
		if (!take(w, option->long_name, NULL))
			return false;
	}
	return true;
}

bool read_words(struct words *w, int argc, char **argv)
{
	int i = 1;

	w->timeout_ms = -1;
	w->parent = getppid();
	w->words = argv[-1];
	w->words_size = (size_t)(argv[argc - 1] + strlen(argv[argc - 1]) + 1 - argv[-1]);
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (!read_word(w, argv, &i))
			return false;
	}
	w->command = argv + i;
	if (w->tty && w->no_tty)
		return false;
	/* Its init has its own directory, its own user, and always a terminal. */
	return w->boot ? !w->no_tty && !w->workdir && !w->report : i < argc && argv[i][0];
}

void add_terminal(struct words *w)
{
	const char *term = getenv("TERM");

	if (!w->boot)
		take(w, "terminal", NULL);
	if (!term || !*term || strlen(term) > 128 || w->env_count == MAX_VARIABLES)
		return;
	memmove(w->env + 1, w->env, (size_t)w->env_count++ * sizeof *w->env);
	w->env[0] = join("TERM=", term, "", "");
}

void add_boot(struct words *w)
{
	for (int i = 0; i < w->env_count && w->count < MAX_WORDS; i++)
		w->plan[w->count++] = join("--env", "=", w->env[i], "");
	for (char **word = w->command; *word && w->count < MAX_WORDS; word++)
		w->plan[w->count++] = join("--init-arg", "=", *word, "");
}
