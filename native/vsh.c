/* vsh: the command line. What each option does stands in src/cli/vsh-options.ts; the loop is vsh-client.c. */
#include "vsh.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "error.h"
#include "io.h"
#include "terminal.h"
#include "vsh-options.h"
#include "vsh-socket.h"

#define DEFAULT_USER "chronos"

static struct vsh_address address = { .port = VSH_DEFAULT_PORT };
static struct vsh_setup setup;
static struct vsh_reader reader;
static const char *vm_name, *owner_id, *user;
static uint32_t listen_port;
static enum { BY_USER, CONTROLLED, CONTROLLED_TERMINAL } control;

static void choose_address(int kind)
{
	if (address.kind)
		die(VSH_NOT_DONE, "cannot choose the machine: only one of --cid, --vm_name, --uds and --unix says which it is");
	address.kind = kind;
}

static void read_cwd(const char *value)
{
	uint64_t pid;

	if (parse_number(value, INT32_MAX, &pid) && pid > 0)
		setup.cwd_pid = (int32_t)pid;
	else
		setup.cwd = value;
}

/* ChromeOS's rule: a word of exactly two parts around one '='. `A=` and `A=b=c` begin the command. */
static bool is_variable(const char *word)
{
	const char *equals = strchr(word, '=');

	return equals && equals != word && equals[1] && !strchr(equals + 1, '=');
}

static void add_variable(const char *entry)
{
	size_t name = strcspn(entry, "=") + 1;

	for (int i = 0; i < setup.env_count; i++) {
		if (strncmp(setup.env[i], entry, name) == 0) {
			setup.env[i] = (char *)entry;
			return;
		}
	}
	if (setup.env_count == VSH_MAX_WORDS)
		die(VSH_NOT_DONE, "cannot ask for the session: more than %d variables", VSH_MAX_WORDS);
	setup.env[setup.env_count++] = (char *)entry;
}

static void read_variable(const char *value)
{
	if (!strchr(value, '=') || *value == '=')
		die(VSH_BAD_VALUE, "cannot read '--env=%s': it is NAME=VALUE", value);
	add_variable(value);
}

static void read_control(const char *value)
{
	bool terminal = strcmp(value, "terminal") == 0;

	if (!terminal && strcmp(value, "pipes") != 0)
		die(VSH_BAD_VALUE, "cannot read '--control=%s': it is 'pipes' or 'terminal'", value);
	if (fcntl(VSH_CONTROL_FD, F_GETFD) < 0)
		die(VSH_BAD_VALUE, "cannot read '--control': descriptor %d is closed", VSH_CONTROL_FD);
	control = terminal ? CONTROLLED_TERMINAL : CONTROLLED;
}

static void take_option(int option, const char *value)
{
	switch (option) {
	case VSH_CID:
		choose_address(VSH_BY_CID);
		address.cid = vsh_number("cid", value, 1, UINT32_MAX - 1);
		break;
	case VSH_UDS:
		choose_address(VSH_BY_UDS);
		address.path = value;
		break;
	case VSH_UNIX:
		choose_address(VSH_BY_UNIX);
		address.path = value;
		break;
	case VSH_VM_NAME:
		vm_name = value;
		break;
	case VSH_OWNER_ID:
		owner_id = value;
		break;
	case VSH_PORT:
		address.port = vsh_number("port", value, 1, UINT32_MAX - 1);
		break;
	case VSH_USER:
		user = value;
		break;
	case VSH_TARGET_CONTAINER:
		setup.target = value;
		break;
	case VSH_CWD:
		read_cwd(value);
		break;
	case VSH_LISTEN_PORT:
		listen_port = vsh_number("listen_port", value, 1, ANY_PORT);
		break;
	case VSH_ENV:
		read_variable(value);
		break;
	case VSH_CONTROL:
		read_control(value);
		break;
	case VSH_CONTAINER_FEATURES:
		warn("--container_features has no effect: there is no agent that would take them");
		break;
	}
}

static void check_options(void)
{
	if (vm_name) {
		if (!owner_id)
			die(VSH_NOT_DONE, "cannot choose the machine: --vm_name needs --owner_id");
		choose_address(VSH_NOWHERE);
		vsh_find_machine(vm_name, owner_id, &address);
	}
	if (!address.kind)
		die(VSH_NOT_DONE, "cannot choose the machine: one of --cid, --vm_name, --uds and --unix says which it is");
	if (listen_port && address.kind == VSH_BY_UNIX)
		die(VSH_NOT_DONE, "cannot wait for a vshd: --listen_port is for --cid, --vm_name and --uds");
	if (listen_port == ANY_PORT && address.kind == VSH_BY_UDS)
		die(VSH_NOT_DONE, "cannot wait for a vshd: with --uds, --listen_port is a port");
}

static void add_term(void)
{
	static char entry[256] = "TERM=";
	const char *term = getenv("TERM");

	if (!term || !*term || strlen(term) > sizeof entry - 6)
		return;
	strcpy(entry + 5, term);
	add_variable(entry);
}

static void read_command(char **words)
{
	for (; *words && is_variable(*words); words++)
		add_variable(*words);
	/* Behind the variables as before them: no command is called so. */
	if (*words && strcmp(*words, "--") == 0)
		words++;
	for (; *words; words++) {
		if (setup.argc == VSH_MAX_WORDS)
			die(VSH_NOT_DONE, "cannot ask for the session: more than %d words", VSH_MAX_WORDS);
		setup.argv[setup.argc++] = *words;
	}
	if (setup.argc && !setup.argv[0][0])
		die(VSH_NOT_DONE, "cannot ask for the session: '' is not a command");
}

int main(int argc, char **argv)
{
	bool interactive;
	int first, socket;

	error_prefix = "vsh";
	keep_stdio_open();
	add_term();
	first = vsh_read_options(vsh_options, vsh_help, argc, argv, take_option);
	check_options();
	read_command(argv + first);
	if (!setup.target || !*setup.target)
		setup.target = VSH_MACHINE;
	else if (!user)
		user = "";
	setup.user = user ? user : DEFAULT_USER;
	interactive = control == BY_USER && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	setup.nopty = !interactive && control != CONTROLLED_TERMINAL;
	if (!setup.nopty) {
		struct winsize size;

		terminal_read_environment(control == CONTROLLED_TERMINAL);
		size = terminal_size();
		setup.rows = size.ws_row;
		setup.cols = size.ws_col;
	}
	socket = listen_port ? vsh_await_dial(&address, listen_port) : vsh_connect(&address);
	vsh_set_up(socket, &setup, &reader);
	return vsh_run_client(socket, interactive, control == BY_USER ? -1 : VSH_CONTROL_FD, &reader);
}
