/* `ctr enter` and `ctr console`: the words of the command line become those of clone-helper's commands, which run in here. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "front.h"
#include "io.h"

#define MAX_ARGUMENTS 8192
/* ctr itself failed, around a payload that has a status of its own. */
#define ENTER_FAILED 125

/* Long options and joined ones (`-uroot`, `--user=root`) become `-u root`. False: the Node CLI has to say what is wrong. */
static bool take_option(char **to, int *n, char **argv, int *i)
{
	const struct hot_option *option = hot_options_of("enter");
	char *word = argv[*i];
	static char letters[MAX_ARGUMENTS][12];
	bool is_long = word[1] == '-';
	size_t length = is_long ? strcspn(word + 2, "=") : 1;
	char *value = NULL;

	while (option->long_name && !(is_long ? strlen(option->long_name) == length && memcmp(option->long_name, word + 2, length) == 0
					      : option->short_name == word[1]))
		option++;
	if (!option->long_name)
		return false;
	if (is_long && word[2 + length])
		value = word + 3 + length;
	else if (!is_long && word[2])
		value = word + 2;
	if (value && !option->takes_value) {
		/* `-tu root`: the rest is a word of options again. */
		if (is_long)
			return false;
		word[1] = '-';
		argv[*i] = word + 1;
		--*i;
	}
	if (option->takes_value && !value && !(value = argv[++*i]))
		return false;
	if (option->short_name)
		snprintf(letters[*n], sizeof letters[*n], "-%c", option->short_name);
	else
		snprintf(letters[*n], sizeof letters[*n], "--%s", option->long_name);
	to[*n] = letters[*n];
	++*n;
	if (option->takes_value)
		to[(*n)++] = value;
	return true;
}

static int find_running(struct box *box, const char *verb, const char *name)
{
	static struct place place;
	struct problem p;

	if (find_place(&place, &p) == 0 && find_box(box, &place, verb, name, &p) == 0) {
		if (look_at_box(box) != BOX_STOPPED)
			return 0;
		problem(&p, "CTR_NOT_RUNNING", "cannot %s '%s': it is not running", verb, name);
		snprintf(p.hint, sizeof p.hint, "ctr start %s", name);
	}
	tell_problem(name, &p);
	return -1;
}

/* Options stand before or after the name; the first word after it that is none begins the command, and `--` does in any case. */
int front_enter(int argc, char **argv)
{
	static char *all[MAX_ARGUMENTS + 9], **to = all + 1, *words[MAX_ARGUMENTS + 1];
	static struct box box;
	char *name = NULL;
	int n = 2, i = 1;

	if (argc > MAX_ARGUMENTS)
		exec_node(argv[0], argv + 1);
	/* A copy: taking joined letters apart writes into the words. */
	for (int k = 0; k <= argc; k++)
		words[k] = argv[k] ? strdup(argv[k]) : NULL;
	for (; i < argc && strcmp(words[i], "--") != 0; i++) {
		if (words[i][0] == '-' && words[i][1]) {
			if (!take_option(to, &n, words, &i))
				exec_node(argv[0], argv + 1);
		} else if (!name) {
			name = argv[i];
		} else {
			break;
		}
	}
	if (i < argc && strcmp(words[i], "--") == 0)
		i++;
	if (!name && i < argc)
		name = argv[i++];
	if (name && i < argc && strcmp(argv[i], "--") == 0)
		i++;
	if (!name)
		exec_node(argv[0], argv + 1);
	if (find_running(&box, "enter", name) < 0)
		return ENTER_FAILED;
	/* As main of clone-helper gets them: a sealed copy of it may have to go on. */
	all[0] = "clone-helper";
	to[0] = "enter";
	to[1] = box.run_dir;
	to[n++] = "--";
	while (i < argc)
		to[n++] = argv[i++];
	return enter_main(n, to);
}

/* One key: `^]`, `^a`, a character; its code, -1 for no key. */
static int key_code(const char *word, size_t length)
{
	if (length == 2 && word[0] == '^' && ((word[1] >= '@' && word[1] <= '_') || islower((unsigned char)word[1])))
		return toupper((unsigned char)word[1]) & 0x1f;
	if (length == 2 && word[0] == '^' && word[1] == '?')
		return 127;
	return length == 1 && word[0] != '^' ? (unsigned char)word[0] : -1;
}

/* `^]`, `^a q`, `^P,^Q` or `none`, as codes with commas between. False for what is none of these. */
static bool read_escape(const char *text, char *codes, size_t size)
{
	size_t at = 0;
	int count = 0;

	codes[0] = 0;
	if (strcmp(text, "none") == 0)
		return true;
	for (text += strspn(text, " ,"); *text; text += strspn(text, " ,")) {
		size_t length = strcspn(text, " ,");
		int code = key_code(text, length);

		if (code < 0 || ++count > 8)
			return false;
		at += (size_t)snprintf(codes + at, size - at, "%s%d", at ? "," : "", code);
		text += length;
	}
	return count > 0;
}

int front_console(int argc, char **argv)
{
	static struct front_options options;
	static struct box box;
	char index[24], escape[48], wish[2] = "1";
	uint64_t number = 0;

	if (!read_front_options(&options, argc, argv) || options.count != 1)
		exec_node("console", argv + 1);
	if ((options.take && options.watch) || !read_escape(options.escape ? options.escape : "^]", escape, sizeof escape) || (options.devname && (strncmp(options.devname, "console", 7) != 0 ||
					     !parse_number(options.devname + 7, 15, &number))))
		exec_node("console", argv + 1);
	if (find_running(&box, "attach to a console of", options.names[0]) < 0)
		return 1;
	snprintf(index, sizeof index, "%llu", (unsigned long long)number);
	wish[0] = options.take ? '2' : options.watch ? '0' : '1';

	char *arguments[] = { "console", box.run_dir, "--index", index, "--escape", escape, "--wish", wish, NULL };

	return console_main(8, arguments);
}
