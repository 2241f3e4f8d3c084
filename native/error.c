#include "error.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct failure failure;
const char *error_prefix = "ctr";

static void record(int err, const char *call, const char *reason, const char *object, const char *step, va_list args)
{
	if (failure.step[0])
		return;
	failure.err = err;
	snprintf(failure.call, sizeof failure.call, "%s", call);
	snprintf(failure.reason, sizeof failure.reason, "%s", reason);
	snprintf(failure.object, sizeof failure.object, "%s", object ? object : "");
	vsnprintf(failure.step, sizeof failure.step, step, args);
}

int fail(const char *call, const char *object, const char *step, ...)
{
	int err = errno;
	va_list args;

	va_start(args, step);
	record(err, call, "", object, step, args);
	va_end(args);
	errno = err;
	return -1;
}

int refuse(const char *reason, const char *object, const char *step, ...)
{
	va_list args;

	va_start(args, step);
	record(0, "", reason, object, step, args);
	va_end(args);
	return -1;
}

/* strerrorname_np(3) is glibc's alone. */
const char *errno_name(int err)
{
	static const struct {
		int err;
		const char *name;
	} names[] = {
#define E(name) { name, #name }
		E(EPERM), E(ENOENT), E(ESRCH), E(EINTR), E(EIO), E(ENXIO), E(E2BIG), E(ENOEXEC), E(EBADF), E(ECHILD),
		E(EAGAIN), E(ENOMEM), E(EACCES), E(EFAULT), E(ENOTBLK), E(EBUSY), E(EEXIST), E(EXDEV), E(ENODEV),
		E(ENOTDIR), E(EISDIR), E(EINVAL), E(ENFILE), E(EMFILE), E(ENOTTY), E(ETXTBSY), E(EFBIG), E(ENOSPC),
		E(ESPIPE), E(EROFS), E(EMLINK), E(EPIPE), E(EDOM), E(ERANGE), E(EDEADLK), E(ENAMETOOLONG), E(ENOLCK),
		E(ENOSYS), E(ENOTEMPTY), E(ELOOP), E(ENODATA), E(ETIME), E(EOVERFLOW), E(ELIBBAD), E(EUSERS),
		E(ENOTSOCK), E(EMSGSIZE), E(EPROTO), E(EOPNOTSUPP), E(EAFNOSUPPORT), E(EADDRINUSE), E(EADDRNOTAVAIL),
		E(ENETDOWN), E(ENETUNREACH), E(ECONNRESET), E(ENOBUFS), E(ENOTCONN), E(ETIMEDOUT), E(ECONNREFUSED),
		E(EALREADY), E(EINPROGRESS), E(ESTALE), E(EDQUOT), E(ECANCELED),
#undef E
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].err == err)
			return names[i].name;
	return "E?";
}

/* The code point of a valid UTF-8 sequence of *length bytes; -1 for a byte that begins none. */
static long decode(const unsigned char *at, size_t *length)
{
	static const long least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t size = *at < 0x80 ? 1 : *at < 0xc2 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : *at < 0xf5 ? 4 : 0;
	long code = size == 1 ? *at : *at & (0x7f >> size);

	*length = 1;
	for (size_t i = 1; i < size; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return -1;
		code = code << 6 | (at[i] & 0x3f);
	}
	if (!size || code < least[size])
		return -1;
	*length = size;
	return code;
}

/* Controls, and marks that turn the direction of what is read. */
static bool steers(long code)
{
	return (code < 0x20 && code != '\n') || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f ||
	       (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

void print_visible(const char *text)
{
	size_t length;

	for (const unsigned char *at = (const unsigned char *)text; *at; at += length) {
		long code = decode(at, &length);

		if (code < 0)
			fprintf(stderr, "\\x%02x", *at);
		else if (steers(code))
			fprintf(stderr, code < 0x100 ? "\\x%02lx" : "\\u{%lx}", code);
		else
			fwrite(at, 1, length, stderr);
	}
}

static void print_message(const char *format, va_list args)
{
	char text[4096];

	vsnprintf(text, sizeof text, format, args);
	fprintf(stderr, "%s: ", error_prefix);
	print_visible(text);
}

void warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_message(format, args);
	va_end(args);
	fputc('\n', stderr);
}

void warn_errno(const char *format, ...)
{
	int err = errno;
	va_list args;

	va_start(args, format);
	print_message(format, args);
	va_end(args);
	fprintf(stderr, ": %s (%s)\n", errno_name(err), strerror(err));
}

_Noreturn void die(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_message(format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(status);
}

void json_add_failure(struct json *j, const struct failure *f)
{
	json_add(j, "{\"ok\":false,\"step\":");
	json_add_string(j, f->step);
	json_add(j, ",\"call\":");
	json_add_string(j, f->call);
	json_add(j, ",\"errno\":");
	json_add_number(j, f->err);
	json_add(j, ",\"errnoName\":");
	json_add_string(j, f->err ? errno_name(f->err) : "");
	json_add(j, ",\"object\":");
	json_add_string(j, f->object);
	json_add(j, ",\"message\":");
	json_add_string(j, f->err ? strerror(f->err) : f->reason);
	json_add(j, "}");
}

void report_failure(int fd, const struct failure *f)
{
	struct json j = { .length = 0 };

	json_add_failure(&j, f);
	json_add(&j, "\n");
	json_write(&j, fd);
}
