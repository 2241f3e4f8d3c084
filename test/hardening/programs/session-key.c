/* `session-key add COMMAND…`: puts a key into the session keyring and runs the command. `session-key find`: whether it is in reach.
 * No libkeyutils: the calls themselves. */
#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DESCRIPTION "ctr:test:secret"

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "add") == 0) {
		if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
		    syscall(SYS_add_key, "user", DESCRIPTION, "x", 1, KEY_SPEC_SESSION_KEYRING) < 0) {
			perror("add_key");
			return 1;
		}
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		return 127;
	}
	if (syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", DESCRIPTION, 0) >= 0)
		puts("found");
	else
		printf("not found %d\n", errno);
	return 0;
}
