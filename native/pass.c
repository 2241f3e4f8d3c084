#include "pass.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "io.h"
#include "nft-elements.h"

#define RECORD "passes"
/* Chains of Docker's hosts are long; what is looked for is in its first lines. */
#define OUTPUT_SIZE 16384

/* Its exit status, with what it prints on stdout in `text` (which may be NULL); -1 when it cannot be run. */
static int run(const char *program, const char *const *words, char *text, size_t size)
{
	const char *argv[16] = { program, "-w", "5" };
	int out[2], status = 0, n = 3;
	size_t got = 0;
	ssize_t length;
	pid_t child;

	for (; *words && n < 15; words++)
		argv[n++] = *words;
	if (pipe2(out, O_CLOEXEC) < 0)
		return -1;
	child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		dup2(null, 0);
		dup2(text ? out[1] : null, 1);
		dup2(null, 2);
		execve(program, (char *const *)argv, (char *[]){ "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL });
		_exit(127);
	}
	close(out[1]);
	while (text && got < size - 1 && (length = read(out[0], text + got, size - 1 - got)) > 0)
		got += (size_t)length;
	if (text)
		text[got] = 0;
	close(out[0]);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool is_of_ip6(const char *program)
{
	const char *name = strrchr(program, '/');

	return strncmp(name ? name + 1 : program, "ip6", 3) == 0;
}

/* A look that loads no module and makes no table. */
static bool has_filter(const struct op *op)
{
	bool ip6 = is_of_ip6(op_str(op, F_NETWORK_PASS_PROGRAM));
	char names[256] = "";

	if (strcmp(op_str(op, F_NETWORK_PASS_KIND), "nft") == 0)
		return has_table(ip6 ? "ip6" : "ip", "filter");
	return read_small_file(AT_FDCWD, ip6 ? "/proc/net/ip6_tables_names" : "/proc/net/ip_tables_names", names, sizeof names) > 0 &&
	       strstr(names, "filter");
}

/* Docker's own place for rules of others; FORWARD where nobody has one and what is not accepted is dropped; NULL: nothing is needed. */
static const char *find_chain(const char *program)
{
	static char text[OUTPUT_SIZE];

	if (run(program, (const char *[]){ "-S", "DOCKER-USER", NULL }, NULL, 0) == 0)
		return "DOCKER-USER";
	if (run(program, (const char *[]){ "-S", "FORWARD", NULL }, text, sizeof text) != 0)
		return NULL;
	return strncmp(text, "-P FORWARD DROP", 15) == 0 || strstr(text, "-j DROP") || strstr(text, "-j REJECT") || strstr(text, "-j ufw-") ?
		       "FORWARD" :
		       NULL;
}

static int change(const struct op *op, const char *how, const char *chain, const char *direction)
{
	const char *words[] = { how,
				chain,
				direction,
				op_str(op, F_NETWORK_PASS_LINK),
				"-m",
				"comment",
				"--comment",
				op_str(op, F_NETWORK_PASS_TAG),
				"-j",
				"ACCEPT",
				NULL };

	return run(op_str(op, F_NETWORK_PASS_PROGRAM), words, NULL, 0);
}

static const char *const directions[] = { "-i", "-o" };

static void make_pass(const struct op *op, int dirfd)
{
	const char *program = op_str(op, F_NETWORK_PASS_PROGRAM), *chain = has_filter(op) ? find_chain(program) : NULL;
	_cleanup_close_ int record = -1;

	if (!chain)
		return;
	record = openat(dirfd, RECORD, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (record < 0 || dprintf(record, "%s %s\n", program, chain) < 0) {
		warn_errno("cannot record a rule in the chain '%s'", chain);
		return;
	}
	for (int i = 0; i < 2; i++)
		if (change(op, "-C", chain, directions[i]) != 0 && change(op, "-I", chain, directions[i]) != 0)
			warn("cannot let '%s' through the chain '%s': '%s' failed", op_str(op, F_NETWORK_PASS_LINK), chain, program);
}

void make_passes(const struct plan *plan, int dirfd)
{
	struct op op = { 0 };

	while (plan_next_of(plan, &op, OP_NETWORK_PASS))
		make_pass(&op, dirfd);
}

void remove_passes(const struct plan *plan, int dirfd)
{
	char text[1024], line[256];
	struct op op = { 0 };

	if (read_small_file(dirfd, RECORD, text, sizeof text) <= 0)
		return;
	while (plan_next_of(plan, &op, OP_NETWORK_PASS))
		for (int chain = 0; chain < 2; chain++) {
			static const char *const chains[] = { "DOCKER-USER", "FORWARD" };

			snprintf(line, sizeof line, "%s %s\n", op_str(&op, F_NETWORK_PASS_PROGRAM), chains[chain]);
			if (!strstr(text, line))
				continue;
			for (int i = 0; i < 2; i++)
				for (int left = 8; left && change(&op, "-D", chains[chain], directions[i]) == 0; left--)
					;
		}
	unlinkat(dirfd, RECORD, 0);
}
