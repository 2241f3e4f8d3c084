/* Files with several names, as they come by in a copy: what has been sent by one of them is sent by that again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cp.h"

/* More are copied once for each name. */
#define MAX_FILES (1u << 20)

struct known {
	dev_t device;
	ino_t inode;
	char *path; /* NULL: a free place */
};

static struct known *files;
static size_t places, used;

static struct known *find(struct known *table, size_t size, const struct stat *st)
{
	size_t at = (size_t)((st->st_ino ^ (uint64_t)st->st_dev << 32) * 0x9e3779b97f4a7c15u >> 32) & (size - 1);

	while (table[at].path && (table[at].inode != st->st_ino || table[at].device != st->st_dev))
		at = (at + 1) & (size - 1);
	return &table[at];
}

static bool grow(void)
{
	size_t size = places ? places * 2 : 1024;
	struct known *table = calloc(size, sizeof *table);

	if (!table)
		return false;
	for (size_t i = 0; i < places; i++) {
		struct stat st = { .st_dev = files[i].device, .st_ino = files[i].inode };

		if (files[i].path)
			*find(table, size, &st) = files[i];
	}
	free(files);
	files = table;
	places = size;
	return true;
}

const char *cp_known_file(const void *st)
{
	return places ? find(files, places, st)->path : NULL;
}

void cp_remember_file(const void *of, const char *path)
{
	const struct stat *st = of;
	char *copy;

	if (used == MAX_FILES || (used * 2 >= places && !grow()) || !(copy = strdup(path)))
		return;
	*find(files, places, st) = (struct known){ st->st_dev, st->st_ino, copy };
	used++;
}
