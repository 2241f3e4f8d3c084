#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "events.h"
#include "io.h"
#include "json.h"

bool events_json;

static void add_time(char *text, size_t size, uint64_t time_ms)
{
	time_t seconds = (time_t)(time_ms / 1000);
	struct tm tm;
	char day[32];

	gmtime_r(&seconds, &tm);
	strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, size, "%s.%03uZ", day, (unsigned)(time_ms % 1000));
}

/* One write a line: a reader at the other end of a pipe has it at once, and whole. */
void tell_event(const struct seen *c, const char *event, uint64_t time_ms, const char *detail, const char *fields)
{
	struct json j = { .length = 0 };
	char time[48], line[512];

	add_time(time, sizeof time, time_ms);
	if (events_json) {
		json_add(&j, "{\"time\":");
		json_add_string(&j, time);
		json_add(&j, ",\"name\":");
		json_add_string(&j, c->name);
		json_add(&j, ",\"event\":");
		json_add_string(&j, event);
		json_add(&j, fields);
		json_add(&j, "}\n");
	} else {
		snprintf(line, sizeof line, "%s  %s  %s%s%s\n", time, c->name, event, *detail ? "  " : "", detail);
		json_add(&j, line);
	}
	if (write_all(1, j.bytes, j.length) == 0)
		return;
	/* `ctr events | head -1` ends the reader early: that is no error. */
	if (errno == EPIPE)
		exit(0);
	perror("ctr: cannot write");
	exit(1);
}

void tell_start(const struct seen *c, const struct run_state *state, bool again)
{
	char detail[64], fields[96];

	snprintf(detail, sizeof detail, "pid %d", state->init);
	snprintf(fields, sizeof fields, ",\"pid\":%d", state->init);
	tell_event(c, again ? "restart" : "start", state->since_ms, detail, fields);
}

/* The value of `key` in lines "key value". */
static bool copy_value(char *to, size_t size, const char *record, const char *key)
{
	size_t length = strlen(key);

	for (const char *line = record; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (strncmp(line, key, length) == 0 && line[length] == ' ') {
			line += length + 1;
			snprintf(to, size, "%.*s", (int)strcspn(line, "\n"), line);
			return true;
		}
	*to = 0;
	return false;
}

void tell_oom(const struct seen *c, uint64_t time_ms)
{
	char detail[64] = "", fields[64] = "";

	if (c->kills > 0) {
		snprintf(detail, sizeof detail, "%llu killed", (unsigned long long)c->kills);
		snprintf(fields, sizeof fields, ",\"kills\":%llu", (unsigned long long)c->kills);
	}
	tell_event(c, "oom", time_ms, detail, fields);
}

void tell_exit(const struct seen *c, const char *record)
{
	char reason[32], status[24], signal[24], time[32], detail[128], fields[160];
	struct json j = { .length = 0 };
	bool exited = copy_value(status, sizeof status, record, "status");
	bool killed = copy_value(signal, sizeof signal, record, "signal");
	uint64_t time_ms;

	copy_value(reason, sizeof reason, record, "reason");
	copy_value(time, sizeof time, record, "time");
	time_ms = strtoull(time, NULL, 10);
	json_add_string(&j, reason);
	snprintf(fields, sizeof fields, ",\"reason\":%.*s%s%s", (int)j.length, j.bytes,
		 exited ? ",\"status\":" : killed ? ",\"signal\":" : "", exited ? status : killed ? signal : "");
	snprintf(detail, sizeof detail, "%s%s%s", reason, exited ? ", status " : killed ? ", signal " : "",
		 exited ? status : killed ? signal : "");
	tell_event(c, "exit", time_ms, detail, fields);
}
