/* What the starter hands to the monitor: a command line, with descriptors by their numbers. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "monitor.h"

/* A number that the starter gave; there is nobody to complain to but the exit status. */
static uint64_t number_of(const char *text)
{
	uint64_t number;

	if (!parse_number(text, INT64_MAX, &number))
		_exit(2);
	return number;
}

static int descriptor_of(const char *text)
{
	int fd = (int)number_of(text);

	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		_exit(2);
	return fd;
}

static void add_console(int master)
{
	if (monitor.console_count == MAX_CONSOLES)
		_exit(2);
	monitor.consoles[monitor.console_count++].master = master;
}

static enum continuation continuation_of(const char *word)
{
	if (strcmp(word, "restart") == 0)
		return CONTINUE_RESTART;
	return strcmp(word, "preserve") == 0 ? CONTINUE_PRESERVE : CONTINUE_STOP;
}

static void read_option(const char *option, const char *value)
{
	if (strcmp(option, "--name") == 0)
		return; /* for those who read our command line */
	if (strcmp(option, "--dir") == 0)
		monitor.dir = descriptor_of(value);
	else if (strcmp(option, "--log-dir") == 0)
		monitor.log_dir = descriptor_of(value);
	else if (strcmp(option, "--log-limit") == 0)
		monitor.log_half = number_of(value) / 2;
	else if (strcmp(option, "--on-reboot") == 0)
		monitor.on_reboot = continuation_of(value);
	else if (strcmp(option, "--on-poweroff") == 0)
		monitor.on_poweroff = continuation_of(value);
	else if (strcmp(option, "--on-crash") == 0)
		monitor.on_crash = continuation_of(value);
	else if (strcmp(option, "--fast") == 0)
		monitor.fast = (unsigned)number_of(value);
	else if (strcmp(option, "--notify") == 0)
		monitor.notify = descriptor_of(value);
	else if (strcmp(option, "--any-notifier") == 0)
		monitor.any_notifier = true;
	else if (strcmp(option, "--socket") == 0)
		monitor.socket = descriptor_of(value);
	else if (strcmp(option, "--init") == 0)
		monitor.init = (pid_t)number_of(value);
	else if (strcmp(option, "--pidfd") == 0)
		monitor.init_pidfd = descriptor_of(value);
	else if (strcmp(option, "--console") == 0)
		add_console(descriptor_of(value));
	else if (strcmp(option, "--helper") == 0)
		monitor.helper = value;
	else if (strcmp(option, "--path") == 0)
		monitor.run_path = value;
	else
		_exit(2);
}

void read_options(int argc, char **argv)
{
	if (argc % 2 == 0)
		_exit(2);
	for (int i = 1; i < argc; i += 2)
		read_option(argv[i], argv[i + 1]);
	if (monitor.dir < 0 || monitor.init <= 0 || monitor.init_pidfd < 0 || !monitor.helper || !monitor.run_path)
		_exit(2);
}
