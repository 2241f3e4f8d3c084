/* Makes calls that a container has no use for, each with arguments that do nothing where it is allowed. Prints `ABI NAME ERRNO`. */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define X32 0x40000000

struct call {
	const char *name;
	long number;
};

/* Nothing is passed but -1 and NULL: they would fail with EBADF, EFAULT, EINVAL. */
static const struct call calls[] = {
	{ "kexec_load", SYS_kexec_load },
	{ "init_module", SYS_init_module },
	{ "finit_module", SYS_finit_module },
	{ "delete_module", SYS_delete_module },
	{ "swapon", SYS_swapon },
	{ "swapoff", SYS_swapoff },
	{ "acct", SYS_acct },
	{ "quotactl", SYS_quotactl },
	{ "add_key", SYS_add_key },
	{ "keyctl", SYS_keyctl },
	{ "request_key", SYS_request_key },
	{ "bpf", SYS_bpf },
	{ "perf_event_open", SYS_perf_event_open },
	{ "io_uring_setup", SYS_io_uring_setup },
	{ "userfaultfd", SYS_userfaultfd },
	{ "open_by_handle_at", SYS_open_by_handle_at },
	{ "syslog", SYS_syslog },
	{ "clock_settime", SYS_clock_settime },
	{ "settimeofday", SYS_settimeofday },
	{ "lookup_dcookie", SYS_lookup_dcookie },
};

static void report(const char *abi, const char *name, long result)
{
	printf("%s %s %ld\n", abi, name, result < 0 ? -result : 0L);
	fflush(stdout);
}

static long call(long number)
{
	long result = syscall(number, -1L, 0L, 0L, 0L, 0L, 0L);

	return result < 0 ? -errno : result;
}

#ifdef __x86_64__
/* A 32-bit call from a 64-bit program: int 0x80. */
static long call_i386(long number)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(-1), "c"(0), "d"(0), "S"(0), "D"(0) : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}
#endif

int main(void)
{
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		report("native", calls[i].name, call(calls[i].number));
	report("native", "unknown", call(4000));
	report("native", "socket-alg", socket(38, SOCK_SEQPACKET, 0) < 0 ? -errno : 0);
	report("native", "socket-vsock", socket(40, SOCK_STREAM, 0) < 0 ? -errno : 0);
	report("native", "socket-audit", socket(AF_NETLINK, SOCK_RAW, 9) < 0 ? -errno : 0);
	report("native", "personality", syscall(SYS_personality, 0x0400000L) < 0 ? -errno : 0);
#ifdef __x86_64__
	/* x32's getpid would succeed where that ABI is there. */
	report("x32", "getpid", call(X32 | SYS_getpid));
	report("x32", "kexec_load", call(X32 | 528));
	report("i386", "kexec_load", call_i386(283));
	report("i386", "add_key", call_i386(286));
	report("i386", "keyctl", call_i386(288));
	report("i386", "bpf", call_i386(357));
	report("i386", "userfaultfd", call_i386(374));
	report("i386", "open_by_handle_at", call_i386(342));
	report("i386", "unknown", call_i386(4000));
#endif
	return 0;
}
