#include "error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct failure failure;

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

void warn_errno(const char *format, ...)
{
	int err = errno;
	va_list args;

	fputs("ctr: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, ": %s (%s)\n", errno_name(err), strerror(err));
}

_Noreturn void die(int status, const char *format, ...)
{
	va_list args;

	fputs("ctr: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(status);
}

static void print_json_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c == '"' || *c == '\\')
			fprintf(out, "\\%c", *c);
		else if (*c < 0x20 || *c == 0x7f)
			fprintf(out, "\\u%04x", *c);
		else
			fputc(*c, out);
	}
	fputc('"', out);
}

void report_failure(int fd, const struct failure *f)
{
	FILE *out = fdopen(dup(fd), "w");

	if (!out)
		return;
	fputs("{\"ok\":false,\"step\":", out);
	print_json_string(out, f->step);
	fputs(",\"call\":", out);
	print_json_string(out, f->call);
	fprintf(out, ",\"errno\":%d,\"errnoName\":\"%s\",\"object\":", f->err, f->err ? errno_name(f->err) : "");
	print_json_string(out, f->object);
	fputs(",\"message\":", out);
	print_json_string(out, f->err ? strerror(f->err) : f->reason);
	fputs("}\n", out);
	fclose(out);
}
