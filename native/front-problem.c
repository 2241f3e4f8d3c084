#include <stdarg.h>
#include <stdio.h>

#include "front.h"

int problem(struct problem *p, const char *code, const char *message, ...)
{
	va_list args;

	p->code = code;
	p->hint[0] = 0;
	va_start(args, message);
	vsnprintf(p->message, sizeof p->message, message, args);
	va_end(args);
	return -1;
}
