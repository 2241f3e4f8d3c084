/* Prints as whom it acts. Not all programs of BusyBox would say: it gives up what the set-user-id bit gives it. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	printf("%d\n", (int)geteuid());
	return 0;
}
