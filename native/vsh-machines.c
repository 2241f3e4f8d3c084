/* The table of machines, for --vm_name: /etc/ctr/vms, or the file that $CTR_VMS names. Each line is `OWNER NAME ADDRESS`, where OWNER
 * `*` is anybody and ADDRESS is `cid:N`, `uds:/PATH` or `unix:/PATH`; `#` begins a comment. The first line that fits counts. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "fd.h"
#include "io.h"
#include "vsh.h"

#define DEFAULT_TABLE "/etc/ctr/vms"
#define TABLE_MAX 65536

static bool read_address(char *text, struct vsh_address *address)
{
	char *value = strchr(text, ':');
	uint64_t number;

	if (!value)
		return false;
	*value++ = 0;
	if (strcmp(text, "cid") == 0 && parse_number(value, UINT32_MAX - 1, &number) && number > 0) {
		address->kind = VSH_BY_CID;
		address->cid = (uint32_t)number;
		return true;
	}
	if (value[0] != '/')
		return false;
	address->path = value;
	address->kind = strcmp(text, "uds") == 0 ? VSH_BY_UDS : VSH_BY_UNIX;
	return address->kind == VSH_BY_UDS || strcmp(text, "unix") == 0;
}

/* True when the line is about this machine. */
static bool read_line(char *line, const char *name, const char *owner, struct vsh_address *address, bool *is_wrong)
{
	static const char blanks[] = " \t\r";
	char *words[4] = { 0 }, *at = NULL;
	int count = 0;

	line[strcspn(line, "#")] = 0;
	for (char *word = strtok_r(line, blanks, &at); word && count < 4; word = strtok_r(NULL, blanks, &at))
		words[count++] = word;
	if (!count)
		return false;
	*is_wrong = count != 3;
	if (*is_wrong || strcmp(words[1], name) != 0 || (strcmp(words[0], "*") != 0 && strcmp(words[0], owner) != 0))
		return false;
	*is_wrong = !read_address(words[2], address);
	return !*is_wrong;
}

void vsh_find_machine(const char *name, const char *owner, struct vsh_address *address)
{
	static char text[TABLE_MAX + 1];
	const char *file = getenv("CTR_VMS");
	bool is_wrong = false;
	char *at = text, *line;

	if (!file || !*file)
		file = DEFAULT_TABLE;
	if (read_small_file(AT_FDCWD, file, text, sizeof text) < 0) {
		warn_errno("cannot find the machine '%s': the table of machines '%s'", name, file);
		exit(VSH_NOT_DONE);
	}
	for (int number = 1; (line = strsep(&at, "\n")); number++) {
		if (read_line(line, name, owner, address, &is_wrong))
			return;
		if (is_wrong)
			die(VSH_NOT_DONE, "cannot find the machine '%s': %s:%d: a line is 'OWNER NAME cid:N', 'uds:/PATH' or 'unix:/PATH'",
			    name, file, number);
	}
	die(VSH_NOT_DONE, "cannot find the machine '%s' of owner '%s': it is not in the table '%s'", name, owner, file);
}
