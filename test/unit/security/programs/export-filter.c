/*
 * The filter that libseccomp makes of a profile, as BPF on stdout. The profile comes on stdin, one item per line, numbers in
 * hexadecimal; the first line is the default action:
 *
 *   ACTION
 *   ACTION CALL NUMBER [INDEX OP VALUE VALUE2]...      OP as in SCMP_CMP_*
 *
 * argv[1] is the architecture's name. NUMBER stands in for a CALL that libseccomp is too old to know; it takes numbers of the native
 * architecture alone, so those of another are left out, and named on stderr.
 */
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void die(const char *what, int result)
{
	fprintf(stderr, "%s: %s\n", what, strerror(result < 0 ? -result : result));
	exit(1);
}

static unsigned read_conditions(struct scmp_arg_cmp *conditions)
{
	unsigned count = 0;
	char *word;

	while ((word = strtok(NULL, " \n")) && count < 6) {
		struct scmp_arg_cmp *one = &conditions[count++];

		one->arg = (unsigned)strtoul(word, NULL, 16);
		one->op = (enum scmp_compare)strtoul(strtok(NULL, " \n"), NULL, 16);
		one->datum_a = strtoull(strtok(NULL, " \n"), NULL, 16);
		one->datum_b = strtoull(strtok(NULL, " \n"), NULL, 16);
	}
	return count;
}

int main(int argc, char **argv)
{
	uint32_t arch = argc == 2 ? seccomp_arch_resolve_name(argv[1]) : 0;
	scmp_filter_ctx filter;
	char line[4096];
	int result;

	if (!arch || !fgets(line, sizeof line, stdin))
		die("usage", 22);
	filter = seccomp_init((uint32_t)strtoul(line, NULL, 16));
	if (!filter)
		die("seccomp_init", 22);
	if (arch != seccomp_arch_native()) {
		seccomp_arch_remove(filter, SCMP_ARCH_NATIVE);
		result = seccomp_arch_add(filter, arch);
		if (result < 0)
			die("seccomp_arch_add", result);
	}
	while (fgets(line, sizeof line, stdin)) {
		uint32_t action = (uint32_t)strtoul(strtok(line, " \n"), NULL, 16);
		const char *name = strtok(NULL, " \n");
		int number = (int)strtol(strtok(NULL, " \n"), NULL, 16);
		int known = seccomp_syscall_resolve_name(name);
		struct scmp_arg_cmp conditions[6];
		unsigned count = read_conditions(conditions);

		if (known != __NR_SCMP_ERROR)
			number = known;
		else if (arch != seccomp_arch_native()) {
			fprintf(stderr, "%s\n", name);
			continue;
		}
		result = seccomp_rule_add_array(filter, action, number, count, conditions);
		if (result < 0)
			die(name, result);
	}
	result = seccomp_export_bpf(filter, STDOUT_FILENO);
	if (result < 0)
		die("seccomp_export_bpf", result);
	return 0;
}
