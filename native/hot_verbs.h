/* The options of the front door's verbs. Generated from src/cli/hot-verbs.ts by `npm run generate`; do not edit. */
#ifndef CTR_HOT_VERBS_H
#define CTR_HOT_VERBS_H

#include <stdbool.h>

struct hot_option {
	char short_name; /* 0: none */
	const char *long_name;
	bool takes_value;
};

/* Each table ends with an empty row. */
static const struct hot_option hot_options_start[] = {
	{ 0, "all", false },
	{ 'j', "jobs", true },
	{ 0, "console", false },
	{ 0, "report", false },
	{ 0 },
};

static const struct hot_option hot_options_stop[] = {
	{ 0, "all", false },
	{ 0, "timeout", true },
	{ 0, "force", false },
	{ 0, "report", false },
	{ 0 },
};

static const struct hot_option hot_options_shutdown[] = {
	{ 0, "all", false },
	{ 0, "timeout", true },
	{ 0, "report", false },
	{ 0 },
};

static const struct hot_option hot_options_destroy[] = {
	{ 0, "all", false },
	{ 0, "report", false },
	{ 0 },
};

static const struct hot_option hot_options_wait[] = {
	{ 0, "timeout", true },
	{ 0, "report", false },
	{ 0 },
};

static const struct hot_option hot_options_suspend[] = {
	{ 0, "all", false },
	{ 0, "timeout", true },
	{ 0, "report", false },
	{ 0 },
};

static const struct hot_option hot_options_resume[] = {
	{ 0, "all", false },
	{ 0, "report", false },
	{ 0 },
};

static const struct hot_option hot_options_enter[] = {
	{ 'u', "user", true },
	{ 'w', "workdir", true },
	{ 'e', "env", true },
	{ 't', "tty", false },
	{ 'T', "no-tty", false },
	{ 'n', "no-stdin", false },
	{ 'd', "detach", false },
	{ 0, "without", true },
	{ 0, "control", false },
	{ 0 },
};

static const struct hot_option hot_options_run[] = {
	{ 0, "rootfs", true },
	{ 0, "from", true },
	{ 0, "host-readonly", false },
	{ 0, "boot", false },
	{ 0, "ephemeral", false },
	{ 0, "bind", true },
	{ 0, "bind-ro", true },
	{ 0, "net", true },
	{ 'p', "publish", true },
	{ 0, "memory", true },
	{ 0, "pids", true },
	{ 0, "cpus", true },
	{ 0, "timeout", true },
	{ 'u', "user", true },
	{ 'w', "workdir", true },
	{ 'e', "env", true },
	{ 't', "tty", false },
	{ 'T', "no-tty", false },
	{ 0, "name", true },
	{ 0, "report", false },
	{ 0 },
};

static const struct hot_option hot_options_cp[] = {
	{ 'a', "archive", false },
	{ 'L', "follow-link", false },
	{ 0 },
};

static const struct hot_option hot_options_events[] = {
	{ 0, "json", false },
	{ 0 },
};

static const struct hot_option hot_options_console[] = {
	{ 0, "devname", true },
	{ 0, "escape", true },
	{ 0, "take", false },
	{ 0, "watch", false },
	{ 0 },
};

#endif
