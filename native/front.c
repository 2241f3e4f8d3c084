#include "front.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "json.h"

#define REPORT_FD 3

bool front_report;

void tell_problem(const char *name, const struct problem *p)
{
	if (!front_report) {
		fputs("ctr: ", stderr);
		print_visible(p->message);
		if (p->hint[0]) {
			fputs("\nhint: ", stderr);
			print_visible(p->hint);
		}
		fputc('\n', stderr);
		return;
	}
	struct json j = { .length = 0 };

	json_add(&j, "{\"name\":");
	json_add_string(&j, name);
	json_add(&j, ",\"ok\":false,\"code\":");
	json_add_string(&j, p->code);
	json_add(&j, ",\"message\":");
	json_add_string(&j, p->message);
	if (p->hint[0]) {
		json_add(&j, ",\"hint\":");
		json_add_string(&j, p->hint);
	}
	json_add(&j, "}\n");
	json_write(&j, REPORT_FD);
}

void tell_done(const char *name, const char *text, const char *fields)
{
	struct json j = { .length = 0 };

	if (!front_report) {
		printf("%s '%s'\n", text, name);
		fflush(stdout);
		return;
	}
	json_add(&j, "{\"name\":");
	json_add_string(&j, name);
	json_add(&j, ",\"ok\":true,\"outcome\":");
	json_add_string(&j, text);
	json_add(&j, fields);
	json_add(&j, "}\n");
	json_write(&j, REPORT_FD);
}

/* The verbs of this program, with their other names. Their options stand in the Node CLI's help; a test compares. */
static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} verbs[] = {
	{ "start", front_start },     { "stop", front_stop }, { "shutdown", front_stop }, { "destroy", front_stop },
	{ "enter", front_enter },     { "exec", front_enter }, { "console", front_console }, { "wait", front_wait },
	{ "run", front_run },	      { "cp", front_cp }, { "events", front_events },
	{ "suspend", front_suspend }, { "resume", front_suspend },
};

/* Help and everything that has to be explained is the Node CLI's: its parser and its texts are the only ones. The words of
 * the command that `enter` and `run` take are the command's: their own parsers find that place. */
static bool asks_for_help(int argc, char **argv)
{
	if (strcmp(argv[0], "enter") == 0 || strcmp(argv[0], "exec") == 0 || strcmp(argv[0], "run") == 0)
		return false;
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--debug") == 0)
			return true;
	return false;
}

/* These begin with what all containers are. */
static bool looks_at_all(const char *verb)
{
	static const char *const names[] = { "list", "ls", "stats", "top" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(verb, names[i]) == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	/* Ignored, as by some callers, our children would be reaped before we learn how they ended (wait(2), ECHILD). */
	signal(SIGCHLD, SIG_DFL);
	for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(argv[1], verbs[i].name) == 0 && !asks_for_help(argc - 1, argv + 1))
			return verbs[i].run(argc - 1, argv + 1);
	unsetenv("CTR_EVIDENCE_FD");
	if (argc > 1 && looks_at_all(argv[1]))
		front_list(argv + 1);
	exec_node(NULL, argv + 1);
}
