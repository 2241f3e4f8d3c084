#include <stdlib.h>
#include <string.h>

#include "front.h"
#include "io.h"

const struct hot_option *hot_options_of(const char *verb)
{
	static const struct {
		const char *verb;
		const struct hot_option *options;
	} tables[] = {
		{ "start", hot_options_start },	    { "stop", hot_options_stop }, { "shutdown", hot_options_shutdown },
		{ "destroy", hot_options_destroy }, { "wait", hot_options_wait }, { "console", hot_options_console },
		{ "run", hot_options_run },	    { "cp", hot_options_cp }, { "events", hot_options_events },
		{ "suspend", hot_options_suspend }, { "resume", hot_options_resume },
	};

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		if (strcmp(tables[i].verb, verb) == 0)
			return tables[i].options;
	return hot_options_enter;
}

static bool read_seconds(const char *text, long long *ms)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds >= 0) || seconds > 1e6 || strspn(text, "0123456789.") != strlen(text))
		return false;
	*ms = (long long)(seconds * 1000 + 0.5);
	return true;
}

static bool apply(struct front_options *o, const char *name, const char *value)
{
	uint64_t number;

	if (strcmp(name, "all") == 0)
		o->all = true;
	else if (strcmp(name, "console") == 0)
		o->console = true;
	else if (strcmp(name, "force") == 0)
		o->force = true;
	else if (strcmp(name, "report") == 0)
		o->report = true;
	else if (strcmp(name, "take") == 0)
		o->take = true;
	else if (strcmp(name, "watch") == 0)
		o->watch = true;
	else if (strcmp(name, "archive") == 0)
		o->archive = true;
	else if (strcmp(name, "follow-link") == 0)
		o->follow_link = true;
	else if (strcmp(name, "json") == 0)
		o->json = true;
	else if (strcmp(name, "devname") == 0)
		o->devname = value;
	else if (strcmp(name, "escape") == 0)
		o->escape = value;
	else if (strcmp(name, "timeout") == 0)
		return read_seconds(value, &o->timeout_ms);
	else if (strcmp(name, "jobs") == 0)
		return parse_number(value, 256, &number) && number > 0 && (o->jobs = (int)number);
	else
		return false;
	return true;
}

static const struct hot_option *find_option(const struct hot_option *options, const char *text, size_t length, char letter)
{
	for (; options->long_name; options++)
		if (letter ? options->short_name == letter
			   : strlen(options->long_name) == length && memcmp(options->long_name, text, length) == 0)
			return options;
	return NULL;
}

/* --name, --name=value, --name value, -n, -nvalue, -n value; letters of options without values may be joined. */
static bool read_option(struct front_options *o, const struct hot_option *options, char **argv, int *i)
{
	const char *text = argv[*i];
	const struct hot_option *option;
	const char *value;

	if (text[1] == '-') {
		size_t length = strcspn(text + 2, "=");

		option = find_option(options, text + 2, length, 0);
		value = text[2 + length] ? text + 3 + length : NULL;
		if (!option || (value && !option->takes_value))
			return false;
		if (option->takes_value && !value)
			value = argv[++*i];
		return (!option->takes_value || value) && apply(o, option->long_name, value);
	}
	for (text++; *text; text++) {
		option = find_option(options, NULL, 0, *text);
		if (!option)
			return false;
		if (!option->takes_value) {
			if (!apply(o, option->long_name, NULL))
				return false;
			continue;
		}
		value = text[1] ? text + 1 : argv[++*i];
		return value && apply(o, option->long_name, value);
	}
	return true;
}

bool read_front_options(struct front_options *o, int argc, char **argv)
{
	const struct hot_option *options = hot_options_of(argv[0]);
	bool operands = false;

	o->timeout_ms = -1;
	for (int i = 1; i < argc; i++) {
		if (!operands && strcmp(argv[i], "--") == 0)
			operands = true;
		else if (!operands && argv[i][0] == '-' && argv[i][1]) {
			if (!read_option(o, options, argv, &i))
				return false;
		} else if (o->count < MAX_NAMES) {
			o->names[o->count++] = argv[i];
		} else {
			return false;
		}
	}
	front_report = o->report;
	return o->all ? o->count == 0 : o->count > 0 || strcmp(argv[0], "events") == 0;
}
