/* Which signal asks an init to end. No signal fits all: SIGTERM is a reboot for BusyBox, a re-exec for systemd and nothing for
 * sysvinit. So: by the program, else by what it waits for (a handler, or blocked for a signalfd). */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "front.h"
#include "io.h"

/* SIGRTMIN+3 as the kernel counts: libc keeps some of the first for itself. */
#define SYSTEMD_HALT 37

struct identity {
	char exe[256], comm[32];
	uint64_t caught, blocked;
};

static uint64_t mask_of(const char *status, const char *key)
{
	const char *line = strstr(status, key);

	return line ? strtoull(line + strlen(key), NULL, 16) : 0;
}

static bool in(uint64_t mask, int signal_number)
{
	return mask >> (signal_number - 1) & 1;
}

static bool waits_for(const struct identity *id, int signal_number)
{
	return in(id->caught, signal_number) || in(id->blocked, signal_number);
}

static void identify(struct identity *id, pid_t pid)
{
	char path[32], link[512], status[4096] = "";
	const char *name;
	ssize_t n;

	memset(id, 0, sizeof *id);
	snprintf(path, sizeof path, "/proc/%d/exe", pid);
	n = readlink(path, link, sizeof link - 1);
	link[n < 0 ? 0 : n] = 0;
	name = strrchr(link, '/');
	snprintf(id->exe, sizeof id->exe, "%.255s", name ? name + 1 : link);
	snprintf(path, sizeof path, "/proc/%d/comm", pid);
	if (read_small_file(AT_FDCWD, path, id->comm, sizeof id->comm) > 0)
		id->comm[strcspn(id->comm, "\n")] = 0;
	snprintf(path, sizeof path, "/proc/%d/status", pid);
	read_small_file(AT_FDCWD, path, status, sizeof status);
	id->caught = mask_of(status, "\nSigCgt:\t");
	id->blocked = mask_of(status, "\nSigBlk:\t");
}

/* BusyBox is many programs, and a shell script called /init has the same name. From 1.33 on its init waits by sigtimedwait(2),
 * during which /proc shows nothing as blocked: what remains is its handler for SIGTSTP, which a shell has not. */
static bool is_busybox_init(const struct identity *id)
{
	bool named = strcmp(id->comm, "init") == 0 || strcmp(id->comm, "linuxrc") == 0;

	return (named && in(id->caught, SIGTSTP)) || waits_for(id, SIGUSR2);
}

int choose_stop_signal(pid_t init, int configured)
{
	struct identity id;

	if (configured)
		return configured;
	identify(&id, init);
	if (strcmp(id.exe, "systemd") == 0)
		return SYSTEMD_HALT;
	if (strcmp(id.exe, "busybox") == 0 && is_busybox_init(&id))
		return SIGUSR2;
	if (strcmp(id.exe, "openrc-init") == 0)
		return SIGTERM;
	if (waits_for(&id, SYSTEMD_HALT))
		return SYSTEMD_HALT;
	if (in(id.caught, SIGPWR))
		return SIGPWR;
	return waits_for(&id, SIGTERM) ? SIGTERM : 0;
}
