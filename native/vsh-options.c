#include "vsh-options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "io.h"

static _Noreturn void refuse_word(int status, const char *format, const char *word)
{
	warn(format, word);
	fprintf(stderr, "hint: %s --help\n", error_prefix);
	exit(status);
}

static int find_option(const struct vsh_option *options, const char *name, size_t length)
{
	for (int i = 0; options[i].name; i++)
		if (strlen(options[i].name) == length && memcmp(options[i].name, name, length) == 0)
			return i;
	return -1;
}

static const char *read_bool(const char *word, const char *value)
{
	static const char *const yes[] = { "true", "1", "yes", "t", "y" }, *const no[] = { "false", "0", "no", "f", "n" };

	if (!value)
		return "true";
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
		if (strcmp(value, yes[i]) == 0)
			return "true";
		if (strcmp(value, no[i]) == 0)
			return "false";
	}
	refuse_word(VSH_BAD_VALUE, "cannot read '%s': it is true or false", word);
}

/* Takes the option at argv[i], and its value; the index of the last word it used. */
static int take_word(const struct vsh_option *options, char **argv, int i, void (*take)(int option, const char *value))
{
	const char *word = argv[i], *name = word + (word[1] == '-' ? 2 : 1);
	size_t length = strcspn(name, "=");
	const char *value = name[length] ? name + length + 1 : NULL;
	int option = find_option(options, name, length);

	if (option < 0 && !value && strncmp(name, "no", 2) == 0) {
		option = find_option(options, name + 2, length - 2);
		if (option >= 0 && options[option].value == VSH_BOOL)
			value = "false";
		else
			option = -1;
	}
	if (option < 0)
		refuse_word(VSH_USAGE, "there is no option '%s'", word);
	if (options[option].value == VSH_BOOL)
		value = read_bool(word, value);
	else if (options[option].value == VSH_NO_VALUE && value)
		refuse_word(VSH_BAD_VALUE, "cannot read '%s': it takes no value", word);
	else if (options[option].value == VSH_VALUE && !value && !(value = argv[++i]))
		refuse_word(VSH_BAD_VALUE, "cannot read '%s': its value is missing", word);
	take(option, value);
	return i;
}

int vsh_read_options(const struct vsh_option *options, const char *help, int argc, char **argv,
		     void (*take)(int option, const char *value))
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		if (strcmp(argv[i], "--") == 0)
			return i + 1;
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			fputs(help, stdout);
			exit(0);
		}
		i = take_word(options, argv, i, take);
	}
	return i;
}

uint32_t vsh_number(const char *option, const char *value, uint32_t min, uint32_t max)
{
	uint64_t number;

	if (!parse_number(value, max, &number) || number < min)
		die(VSH_BAD_VALUE, "cannot read '--%s=%s': it is a number from %u to %u", option, value, min, max);
	return (uint32_t)number;
}
