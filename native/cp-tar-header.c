/* What an archive is written with: headers, records of what does not fit into them, blocks. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cp-tar-out.h"
#include "cp-tar.h"
#include "io.h"

/* The attributes of a file, and what does not fit into a header. */
#define PAX_MAX (1u << 20)
#define OCTAL_MAX 077777777777
#define OCTAL_ID_MAX 07777777

static char out[CP_DATA], pax[PAX_MAX];
static size_t filled, pax_size;

int tar_flush(void)
{
	size_t size = filled;

	filled = 0;
	return write_all(STDOUT_FILENO, out, size);
}

int tar_put(const void *bytes, size_t size)
{
	while (size) {
		size_t piece = size < sizeof out - filled ? size : sizeof out - filled;

		memcpy(out + filled, bytes, piece);
		filled += piece;
		bytes = (const char *)bytes + piece;
		size -= piece;
		if (filled == sizeof out && tar_flush() < 0)
			return -1;
	}
	return 0;
}

int tar_put_zeros(uint64_t size)
{
	static const char zeros[65536];

	for (; size > sizeof zeros; size -= sizeof zeros)
		if (tar_put(zeros, sizeof zeros) < 0)
			return -1;
	return tar_put(zeros, size);
}

int tar_fill_block(uint64_t size)
{
	return tar_put_zeros((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

/* "LENGTH KEY=VALUE\n", where the length counts its own digits. */
void tar_add_record(const char *prefix, const char *key, const void *value, size_t size)
{
	size_t rest = strlen(prefix) + strlen(key) + size + 3, whole = rest + 1;
	char digits[24];

	while (whole != rest + (size_t)snprintf(digits, sizeof digits, "%zu", whole))
		whole = rest + strlen(digits);
	if (whole > sizeof pax - pax_size)
		return;
	pax_size += (size_t)sprintf(pax + pax_size, "%s %s%s=", digits, prefix, key);
	memcpy(pax + pax_size, value, size);
	pax_size += size;
	pax[pax_size++] = '\n';
}

/* What its field cannot say is said by a record. */
static void put_number(char *field, size_t size, uint64_t value, uint64_t most, const char *key)
{
	char text[24];

	if (value > most)
		tar_add_record("", key, text, (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)value));
	snprintf(field, size, "%0*llo", (int)size - 1, (unsigned long long)(value > most ? 0 : value));
}

static void put_text(char *field, size_t size, const char *text, const char *key)
{
	size_t given = strlen(text);

	if (given > size)
		tar_add_record("", key, text, given);
	memcpy(field, text, given < size ? given : size);
}

static void put_time(struct tar_header *h, const struct cp_entry *e, bool exactly)
{
	char text[48];
	bool fits = e->mtime >= 0 && e->mtime <= OCTAL_MAX;

	if (!fits || (exactly && e->mtime_ns)) {
		/* Before 1970 the fraction counts the other way. */
		bool borrows = e->mtime < 0 && e->mtime_ns;
		long long seconds = e->mtime + (borrows ? 1 : 0);
		uint32_t fraction = borrows ? 1000000000 - e->mtime_ns : e->mtime_ns;
		int n = snprintf(text, sizeof text, "%s%lld.%09u", borrows && !seconds ? "-" : "", seconds, fraction);

		tar_add_record("", "mtime", text, (size_t)n);
	}
	snprintf(h->mtime, sizeof h->mtime, "%011llo", (unsigned long long)(fits ? e->mtime : 0));
}

static int put_header(struct tar_header *h)
{
	memcpy(h->magic, "ustar", 6);
	memcpy(h->version, "00", 2);
	snprintf(h->checksum, sizeof h->checksum, "%06o", tar_checksum(h));
	h->checksum[7] = ' ';
	return tar_put(h, sizeof *h);
}

static int put_records(void)
{
	struct tar_header h = { .name = "././@PaxHeader", .mode = "0000644", .uid = "0000000", .gid = "0000000", .type = 'x' };
	size_t size = pax_size;

	snprintf(h.size, sizeof h.size, "%011o", (unsigned)size);
	snprintf(h.mtime, sizeof h.mtime, "%011o", 0);
	pax_size = 0;
	return put_header(&h) < 0 || tar_put(pax, size) < 0 ? -1 : tar_fill_block(size);
}

int tar_put_member(const struct cp_side *s, const char *path, const struct cp_entry *e, char type, uint64_t size, const char *link)
{
	static char name[CP_DEPTH * CP_NAME + 2];
	struct tar_header h = { .type = type };

	snprintf(name, sizeof name, "%s%s", path, type == '5' ? "/" : "");
	put_text(h.name, sizeof h.name, name, "path");
	put_text(h.link, sizeof h.link, link, "linkpath");
	snprintf(h.mode, sizeof h.mode, "%07o", e->mode & (s->keep ? 07777 : 0777));
	put_number(h.uid, sizeof h.uid, s->keep ? e->uid : geteuid(), OCTAL_ID_MAX, "uid");
	put_number(h.gid, sizeof h.gid, s->keep ? e->gid : getegid(), OCTAL_ID_MAX, "gid");
	put_number(h.size, sizeof h.size, size, OCTAL_MAX, "size");
	put_time(&h, e, s->keep);
	return pax_size && put_records() < 0 ? -1 : put_header(&h);
}
