#include "limits.h"

#include <stddef.h>
#include <sys/resource.h>

#define NO_LIMIT RLIM_INFINITY
/* As high as the hard one, which the kernel chooses by the size of the memory. */
#define ITS_HARD_ONE RLIM_INFINITY

/* INIT_RLIMITS of the kernel (include/asm-generic/resource.h). What is 0 there cannot be too low. */
static const struct {
	int resource;
	rlim_t soft, hard;
} usual[] = {
	{ RLIMIT_CPU, NO_LIMIT, NO_LIMIT },
	{ RLIMIT_FSIZE, NO_LIMIT, NO_LIMIT },
	{ RLIMIT_DATA, NO_LIMIT, NO_LIMIT },
	{ RLIMIT_STACK, 8 << 20, NO_LIMIT },
	{ RLIMIT_RSS, NO_LIMIT, NO_LIMIT },
	{ RLIMIT_NPROC, ITS_HARD_ONE, 0 },
	{ RLIMIT_NOFILE, 1024, 4096 },
	{ RLIMIT_MEMLOCK, 8 << 20, 8 << 20 },
	{ RLIMIT_AS, NO_LIMIT, NO_LIMIT },
	{ RLIMIT_LOCKS, NO_LIMIT, NO_LIMIT },
	{ RLIMIT_SIGPENDING, ITS_HARD_ONE, 0 },
	{ RLIMIT_MSGQUEUE, 819200, 819200 },
	{ RLIMIT_RTTIME, NO_LIMIT, NO_LIMIT },
};

void lift_low_limits(void)
{
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
		struct rlimit now, higher;

		if (getrlimit(usual[i].resource, &now) < 0)
			continue;
		/* Needs CAP_SYS_RESOURCE. */
		higher = (struct rlimit){ now.rlim_cur, usual[i].hard };
		if (now.rlim_max < usual[i].hard && setrlimit(usual[i].resource, &higher) == 0)
			now = higher;
		higher.rlim_cur = usual[i].soft < now.rlim_max ? usual[i].soft : now.rlim_max;
		higher.rlim_max = now.rlim_max;
		if (now.rlim_cur < higher.rlim_cur)
			setrlimit(usual[i].resource, &higher);
	}
}
