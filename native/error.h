/* Failures of the helper: what was being done, which call refused, and on what. */
#ifndef CTR_ERROR_H
#define CTR_ERROR_H

#include <stdarg.h>

#include "json.h"

/* One failure, small enough to travel from init to the starter in one message. */
struct failure {
	int err; /* errno, or 0 when no call failed */
	char call[32];
	char reason[128]; /* in words, when no call failed */
	char object[256];
	char step[256];
};

/* The failure of this process; fail() fills it, the callers above only return -1. */
extern struct failure failure;

/* Records errno, the call, the object it was about and the step (a printf format); returns -1. The first failure wins. */
int fail(const char *call, const char *object, const char *step, ...) __attribute__((format(printf, 3, 4)));

/* As fail(), for a refusal of our own: the reason in words stands for the errno. */
int refuse(const char *reason, const char *object, const char *step, ...) __attribute__((format(printf, 3, 4)));

/* "EPERM" for EPERM; "E?" for a number nobody knows. */
const char *errno_name(int err);

/* Prints text on stderr; what would steer a terminal is spelled out (`\x1b`, `\u{202e}`), line ends stay. */
void print_visible(const char *text);

/* Who says it: "ctr", unless a program has another name. */
extern const char *error_prefix;

/* Prints `ctr: <text>` on stderr. What comes in by the arguments is made visible, here and below. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints `ctr: <text>: ERRNO (text)` on stderr. */
void warn_errno(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints `ctr: <text>` on stderr and ends with `status`. */
_Noreturn void die(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds the failure as a JSON object. */
void json_add_failure(struct json *j, const struct failure *f);

/* Writes it as one JSON line to fd. */
void report_failure(int fd, const struct failure *f);

#endif
