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
