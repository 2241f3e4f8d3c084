/* vshd: the command line. What each option does stands in src/cli/vsh-options.ts. */
#include "vshd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "enter.h"
#include "error.h"
#include "fd.h"
#include "io.h"
#include "passwd.h"
#include "vsh-options.h"
#include "vsh-socket.h"

struct vshd_options vshd = { .port = VSH_DEFAULT_PORT, .default_user = "chronos", .switches_user = true };

static int log_fd = -1;

/* 0 to 2 are not for sessions: the log is a descriptor of its own. */
void open_log(void)
{
	if (vshd.logs_to_kernel)
		log_fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	if (log_fd < 0)
		log_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
}

/* Words of a client come in here: nothing in them may steer a terminal. */
void vshd_log(const char *format, ...)
{
	char line[1024] = "vshd: ";
	size_t length;
	va_list args;

	va_start(args, format);
	vsnprintf(line + 6, sizeof line - 7, format, args);
	va_end(args);
	length = strlen(line);
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	line[length++] = '\n';
	(void)!write(log_fd, line, length);
}

static void read_address(const char *value)
{
	uint64_t port = 0;

	if (strncmp(value, "unix:", 5) == 0 && value[5])
		vshd.path = value + 5;
	else if (strncmp(value, "vsock:", 6) == 0 && parse_number(value + 6, UINT32_MAX - 1, &port) && port > 0)
		vshd.port = (uint32_t)port;
	else
		die(VSH_BAD_VALUE, "cannot read '--listen=%s': it is 'vsock:PORT' or 'unix:PATH'", value);
}

static void allow(struct allowed *allowed, const char *option, const char *value)
{
	if (strcmp(value, "any") == 0)
		allowed->any = true;
	else if (allowed->count == MAX_ALLOWED)
		die(VSH_BAD_VALUE, "cannot take '--%s=%s': it is given more than %d times", option, value, MAX_ALLOWED);
	else
		allowed->ids[allowed->count++] = vsh_number(option, value, 0, UINT32_MAX - 1);
}

static void take_option(int option, const char *value)
{
	bool yes = strcmp(value, "true") == 0;

	switch (option) {
	case VSHD_LISTEN:
		read_address(value);
		break;
	case VSHD_DEFAULT_USER:
		vshd.default_user = value;
		break;
	case VSHD_ALLOW_TO_SWITCH_USER:
		vshd.switches_user = yes;
		break;
	case VSHD_INHERIT_ENV:
		vshd.inherits_env = yes;
		break;
	case VSHD_FORWARD_TO_HOST_PORT:
		vshd.host_port = vsh_number("forward_to_host_port", value, 0, UINT32_MAX - 1);
		break;
	case VSHD_ALLOW_CID:
		allow(&vshd.cids, "allow_cid", value);
		break;
	case VSHD_ALLOW_UID:
		allow(&vshd.uids, "allow_uid", value);
		break;
	case VSHD_LOG_KMSG:
		vshd.logs_to_kernel = yes;
		break;
	}
}

/* Who does not switch serves the user that he is: another name would promise less than it gives. */
static void check_default_user(void)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct user user;

	if (vshd.switches_user || (strcmp(vshd.default_user, "root") == 0 && geteuid() == 0))
		return;
	if (lookup_user(root, vshd.default_user, &user) || user.uid != geteuid())
		die(VSH_NOT_SERVED,
		    "cannot serve the user '%s': with --allow_to_switch_user=false, --default_user is the one who runs this (uid %u)",
		    vshd.default_user, geteuid());
}

/* One session, for a host that waits for it. */
static int dial_host(void)
{
	int fd = vsock_connect(CID_HOST, vshd.host_port);

	if (fd >= 0)
		serve_session(fd);
	warn_errno("cannot dial port %u of the host: %s", vshd.host_port,
		   errno == EAFNOSUPPORT ? "this kernel has no vsock (module 'vsock'): socket" : "connect");
	return VSH_NOT_SERVED;
}

int main(int argc, char **argv)
{
	error_prefix = "vshd";
	/* Ignored, as by some callers, our children would be reaped before we learn how they ended (wait(2), ECHILD). */
	signal(SIGCHLD, SIG_DFL);
	keep_stdio_open();
	if (vsh_read_options(vshd_options, vshd_help, argc, argv, take_option) < argc)
		die(VSH_USAGE, "cannot read the command line: it takes options only");
	check_default_user();
	open_log();
	/* Sessions in containers need a program that nobody inside can write to; from here on, all of them are it. */
	if (run_sealed_as("vshd", argv) < 0)
		vshd_log("cannot make a sealed copy of this program: containers that share the host's root are refused: %s",
			 strerror(errno));
	return vshd.host_port ? dial_host() : serve_all();
}
