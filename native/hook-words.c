/* What a hook is told: arguments, environment, stdin. The constant part of it is in the plan. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fd.h"
#include "hook-parts.h"

static void add_word(struct words *w, const char *word)
{
	if (w->count < MAX_WORDS)
		w->list[w->count++] = word;
	w->list[w->count] = NULL;
}

static void add_made(struct words *w, const char *format, const char *a, const char *b) __attribute__((format(printf, 2, 0)));
static void add_made(struct words *w, const char *format, const char *a, const char *b)
{
	char *place = w->made + w->used;
	int n = snprintf(place, sizeof w->made - w->used, format, a, b);

	if (n < 0 || (size_t)n >= sizeof w->made - w->used)
		return;
	w->used += (size_t)n + 1;
	add_word(w, place);
}

/* A field of texts, each with a NUL behind it. */
static void add_list(struct words *w, const struct op *op, int field)
{
	size_t size;
	const char *text = op_bytes(op, field, &size), *end = text + size;

	for (; text < end; text += strlen(text) + 1)
		add_word(w, text);
}

/* What only the moment tells, in LXC's words. */
static void add_moment(const struct hook_context *x, const struct op *op, struct words *argv, struct words *envp)
{
	const char *convention = op_str(op, F_HOOK_CONVENTION);
	bool by_environment = strcmp(convention, "lxc1") == 0;
	char number[16], fd[64];

	if (strcmp(convention, "oci") == 0 || !x->dir)
		return;
	add_made(envp, "LXC_ROOTFS_MOUNT=%s/rootfs%s", x->dir, "");
	snprintf(number, sizeof number, "%d", x->pid);
	if (x->pid)
		add_made(envp, "LXC_PID=%s%s", number, "");
	if (x->target)
		add_made(envp, "LXC_TARGET=%s%s", x->target, "");
	for (int i = 0; x->namespaces && i < NAMESPACE_REFERENCES; i++) {
		const char *name = namespace_reference_name(i);
		char upper[16];

		if (x->namespaces[i] < 0)
			continue;
		snprintf(fd, sizeof fd, "/proc/%d/fd/%d", getpid(), x->namespaces[i]);
		for (size_t at = 0; at <= strlen(name) && at < sizeof upper; at++)
			upper[at] = (char)(name[at] >= 'a' && name[at] <= 'z' ? name[at] - 'a' + 'A' : name[at]);
		if (by_environment)
			add_made(envp, "LXC_%s_NS=%s", upper, fd);
		else
			add_made(argv, "%s:%s", name, fd);
	}
}

/* State of the OCI runtime specification, as a file that is read from its beginning. -1 with errno. */
static int make_state(const struct hook_context *x)
{
	_cleanup_close_ int fd = (int)syscall(SYS_memfd_create, "state", 1 /* MFD_CLOEXEC */);
	struct op op = { 0 };

	if (fd < 0 || !plan_next_of(x->plan, &op, OP_HOOK_STATE))
		return -1;
	/* A name needs no escapes in JSON. */
	if (dprintf(fd, "{\"ociVersion\":\"1.2.0\",\"id\":\"%s\",\"status\":\"%s\",\"pid\":%d%s", plan_name(x->plan), x->status,
		    x->pid, op_str(&op, F_HOOK_STATE_STATE)) < 0)
		return -1;
	return lseek(fd, 0, SEEK_SET) < 0 ? -1 : take_fd(&fd);
}

int open_hook_stdin(const struct hook_context *x, const struct op *op)
{
	return strcmp(op_str(op, F_HOOK_CONVENTION), "oci") == 0 ? make_state(x) : open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void make_words(const struct hook_context *x, const struct op *op, struct words *argv, struct words *envp)
{
	memset(argv, 0, sizeof *argv);
	memset(envp, 0, sizeof *envp);
	add_word(argv, op_str(op, F_HOOK_PATH));
	add_list(argv, op, F_HOOK_ARGS);
	add_list(envp, op, F_HOOK_ENV);
	add_moment(x, op, argv, envp);
}
