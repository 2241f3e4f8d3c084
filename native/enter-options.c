/* The command line of `enter DIR [-u USER] [-w DIRECTORY] [-e NAME=VALUE]… [-t|-T] [-n] [--] [COMMAND [ARGUMENT]…]`. No command: the
 * user's login shell. -t, -T: with, without a terminal of its own; else one when stdin and stdout are terminals. -n: an empty
 * stdin. -d: in the background. --without PART,…: less confined than init. --control: CONTROL_IN speaks (relay.h). */
#include <string.h>

#include "enter.h"
#include "error.h"

#define USAGE "usage: clone-helper enter DIR [-u USER] [-w DIRECTORY] [-e NAME=VALUE]... [-t|-T] [-n] [-d] [--without PART,...] " \
	      "[--control] [--] [COMMAND...]"

/* Parts by their names, with commas between; false for one that nobody knows. */
static bool add_without(struct enter_options *o, const char *text)
{
	static const struct {
		const char *name;
		unsigned part;
	} parts[] = { { "capabilities", WITHOUT_CAPABILITIES }, { "seccomp", WITHOUT_SECCOMP }, { "label", WITHOUT_LABEL } };

	for (;; text++) {
		size_t length = strcspn(text, ","), i = 0;

		while (i < 3 && (strlen(parts[i].name) != length || memcmp(parts[i].name, text, length) != 0))
			i++;
		if (i == 3)
			return false;
		o->without |= parts[i].part;
		text += length;
		if (!*text)
			return true;
	}
}

static void check_options(const struct enter_options *o)
{
	const char *name = container_name(o->dir);

	for (int i = 0; i < o->extra_count; i++)
		if (o->extra[i][0] == '=' || !strchr(o->extra[i], '='))
			die(ENTER_FAILED, "cannot enter '%s': -e '%s' is not NAME=VALUE", name, o->extra[i]);
	if (o->cwd && o->cwd[0] != '/')
		die(ENTER_FAILED, "cannot enter '%s': the directory '%s' is not an absolute path", name, o->cwd);
	if (o->detach && !o->command)
		die(ENTER_FAILED, "cannot enter '%s': --detach needs a command", name);
	if (o->detach && o->terminal)
		die(ENTER_FAILED, "cannot enter '%s': --detach leaves no terminal for --tty", name);
	if (o->command && !o->command[0][0])
		die(127, "cannot enter '%s': '' is not a command", name);
}

void read_enter_options(struct enter_options *o, int argc, char **argv)
{
	int i = 1;

	for (; i < argc; i++) {
		char *word = argv[i];

		if (word[0] != '-' && !o->dir) {
			o->dir = word;
		} else if (word[0] != '-') {
			break;
		} else if (strcmp(word, "--") == 0) {
			i++;
			break;
		} else if (strcmp(word, "-t") == 0) {
			o->terminal = true;
		} else if (strcmp(word, "-T") == 0) {
			o->no_terminal = true;
		} else if (strcmp(word, "-n") == 0) {
			o->no_stdin = true;
		} else if (strcmp(word, "-d") == 0) {
			o->detach = true;
		} else if (strcmp(word, "--control") == 0) {
			o->control = true;
		} else if (strcmp(word, "--without") == 0 && i + 1 < argc) {
			if (!add_without(o, argv[++i]))
				die(ENTER_FAILED, "cannot enter the container: --without '%s' is none of capabilities, seccomp, label",
				    argv[i]);
		} else if (i + 1 == argc || word[2] || !strchr("uwe", word[1]) || !word[1]) {
			die(ENTER_FAILED, USAGE);
		} else if (word[1] == 'u') {
			o->user = argv[++i];
		} else if (word[1] == 'w') {
			o->cwd = argv[++i];
		} else if (o->extra_count < MAX_EXTRA) {
			o->extra[o->extra_count++] = argv[++i];
		} else {
			die(ENTER_FAILED, "cannot enter the container: -e is given more than %d times", MAX_EXTRA);
		}
	}
	if (!o->dir)
		die(ENTER_FAILED, USAGE);
	o->command = i < argc ? argv + i : NULL;
	check_options(o);
}
