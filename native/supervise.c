/* From starter to monitor: what the monitor needs is opened before the start, so that nothing can fail after it. */
#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "beside.h"
#include "error.h"
#include "fd.h"
#include "hooks.h"
#include "host-ports.h"

#define MAX_ARGS (36 + 2 * MAX_CONSOLES)

/* A path of a unix socket has 107 bytes at the most: by the directory's fd it is always short. */
static int listen_below(int dirfd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask;
	int result;

	if (fd < 0)
		return -1;
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/monitor.sock", dirfd);
	if (unlinkat(dirfd, "monitor.sock", 0) < 0 && errno != ENOENT)
		return -1;
	mask = umask(0177);
	result = bind(fd, (struct sockaddr *)&address, sizeof address);
	umask(mask);
	return result < 0 || listen(fd, 64) < 0 ? -1 : take_fd(&fd);
}

static void read_lifecycle(struct supervision *s, const struct plan *plan)
{
	static struct op op;

	memset(&op, 0, sizeof op);
	if (!plan_next_of(plan, &op, OP_LIFECYCLE))
		return;
	s->on_poweroff = op_str(&op, F_LIFECYCLE_ON_POWEROFF);
	s->on_reboot = op_str(&op, F_LIFECYCLE_ON_REBOOT);
	s->on_crash = op_str(&op, F_LIFECYCLE_ON_CRASH);
}

int prepare_supervision(struct supervision *s, struct container *c)
{
	struct op op = { 0 };

	s->log_dir = s->socket = -1;
	if (find_beside("ctr-monitor", s->monitor, sizeof s->monitor) < 0)
		return fail("access", s->monitor, "find the monitor program");
	if (find_beside("clone-helper", s->helper, sizeof s->helper) < 0)
		return fail("access", s->helper, "find the helper program");
	if (!plan_next_of(&c->plan, &op, OP_MONITOR))
		return refuse("the plan has no 'monitor' operation", "", "prepare the monitor");
	s->log_limit = op_u64(&op, F_MONITOR_LOG_LIMIT);
	s->on_reboot = op_str(&op, F_MONITOR_ON_REBOOT);
	s->on_poweroff = s->on_crash = s->fast = NULL;
	read_lifecycle(s, &c->plan);
	s->log_dir = open(op_str(&op, F_MONITOR_LOG_DIR), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->log_dir < 0)
		return fail("open", op_str(&op, F_MONITOR_LOG_DIR), "open the directory of the console logs");
	s->socket = listen_below(c->dirfd);
	if (s->socket < 0)
		return fail("bind", "monitor.sock", "make the monitor's socket");
	return 0;
}

static const char *keep(int fd, char *text)
{
	fcntl(fd, F_SETFD, 0);
	sprintf(text, "%d", fd);
	return text;
}

void become_monitor(const struct supervision *s, const struct container *c)
{
	static char numbers[9 + MAX_CONSOLES][16];
	const char *argv[MAX_ARGS + 1];
	int n = 0, at = 0, null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; i < 3; i++)
		dup2(null, i);
	argv[n++] = "ctr-monitor";
	argv[n++] = "--name";
	argv[n++] = plan_name(&c->plan);
	argv[n++] = "--dir";
	argv[n++] = keep(c->dirfd, numbers[at++]);
	argv[n++] = "--log-dir";
	argv[n++] = keep(s->log_dir, numbers[at++]);
	argv[n++] = "--log-limit";
	snprintf(numbers[at], sizeof numbers[at], "%llu", (unsigned long long)s->log_limit);
	argv[n++] = numbers[at++];
	argv[n++] = "--on-reboot";
	argv[n++] = s->on_reboot;
	argv[n++] = "--socket";
	argv[n++] = keep(s->socket, numbers[at++]);
	argv[n++] = "--init";
	snprintf(numbers[at], sizeof numbers[at], "%d", c->init);
	argv[n++] = numbers[at++];
	argv[n++] = "--pidfd";
	argv[n++] = keep(c->init_pidfd, numbers[at++]);
	argv[n++] = "--helper";
	argv[n++] = s->helper;
	argv[n++] = "--path";
	argv[n++] = c->dir;
	const char *const optional[][2] = {
		{ "--on-poweroff", s->on_poweroff },
		{ "--on-crash", s->on_crash },
		{ "--fast", s->fast },
		{ "--notify", c->notify < 0 ? NULL : keep(c->notify, numbers[at++]) },
		{ "--any-notifier", plan_has(&c->plan, OP_REAPER) ? "yes" : NULL },
	};

	for (size_t i = 0; i < sizeof optional / sizeof *optional; i++) {
		if (!optional[i][1])
			continue;
		argv[n++] = optional[i][0];
		argv[n++] = optional[i][1];
	}
	for (int i = 0; i < c->console_count; i++) {
		argv[n++] = "--console";
		argv[n++] = keep(c->consoles[i], numbers[at++]);
	}
	/* The monitor knows nothing of them: it holds them, and so holds the loop devices. */
	for (int i = 0; i < c->device_count; i++)
		if (c->devices[i].loop >= 0)
			fcntl(c->devices[i].loop, F_SETFD, 0);
	if (c->network_alive >= 0)
		fcntl(c->network_alive, F_SETFD, 0);
	keep_ports(c);
	argv[n] = NULL;
	keep_namespaces(&c->plan, c->init);
	execve(s->monitor, (char **)argv, (char *[]){ NULL });
	/* It was there a moment ago. Without a monitor there is no container: PDEATHSIG ends init. */
	_exit(125);
}
