#include "net-leases.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "io.h"

#define MAX_LEASES (1 << 20)
#define MAC_LENGTH 17

static ssize_t read_whole(const char *path, char *bytes, size_t size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	size_t got = 0;

	for (ssize_t n; fd >= 0 && got < size && (n = read(fd, bytes + got, size - got)) > 0;)
		got += (size_t)n;
	return fd < 0 || got == size ? -1 : (ssize_t)got;
}

/* `EXPIRY MAC ADDRESS NAME ID`: dnsmasq writes MAC addresses in small letters. */
static bool is_of(const char *line, size_t size, const char *macs, size_t macs_size)
{
	const char *blank = memchr(line, ' ', size);

	if (!blank || (size_t)(line + size - blank) <= MAC_LENGTH + 1 || blank[MAC_LENGTH + 1] != ' ')
		return false;
	for (size_t at = 0; at + MAC_LENGTH <= macs_size; at += MAC_LENGTH + 1)
		if (memcmp(blank + 1, macs + at, MAC_LENGTH) == 0)
			return true;
	return false;
}

uint64_t drop_leases(const char *leases, const char *released)
{
	static char bytes[MAX_LEASES], macs[MAX_LEASES / 8];
	ssize_t size = read_whole(leases, bytes, sizeof bytes), macs_size = read_whole(released, macs, sizeof macs);
	_cleanup_close_ int fd = -1;
	size_t kept = 0;
	uint64_t dropped = 0;

	if (size <= 0 || macs_size <= 0)
		return 0;
	for (size_t at = 0, end; at < (size_t)size; at = end) {
		const char *newline = memchr(bytes + at, '\n', (size_t)size - at);

		end = newline ? (size_t)(newline - bytes) + 1 : (size_t)size;
		if (is_of(bytes + at, end - at, macs, (size_t)macs_size)) {
			dropped++;
			continue;
		}
		memmove(bytes + kept, bytes + at, end - at);
		kept += end - at;
	}
	/* In place: dnsmasq has the file by its name. */
	fd = dropped ? open(leases, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC) : -1;
	if (fd >= 0)
		write_all(fd, bytes, kept);
	return dropped;
}
