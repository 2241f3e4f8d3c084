/* Owners of a tree, moved from ids inside to ids of the host: for file systems that have no id-mapped mounts. */
#ifndef CTR_OWNERSHIP_H
#define CTR_OWNERSHIP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/* The kernel's bound for the lines of a map. */
#define MAX_RANGES 340

struct id_map {
	struct {
		uint64_t inside, outside, count;
	} ranges[MAX_RANGES];
	int count;
};

/* What has been done, and where the first file lies that the map has no id for. */
struct ownership {
	struct id_map uids, gids;
	int journal;
	uint64_t files, changed, foreign;
	char first_foreign[4096];
};

/* The id on disk afterwards; false for one that the map does not have. An id of the host that is in the map has been moved already:
 * its two sides have nothing in common. */
bool move_id(const struct id_map *map, uint32_t id, uint32_t *moved);

/* One inode, known by an O_PATH descriptor: owner, mode, ACLs, file capabilities. -1 with the failure recorded. */
int move_owner(struct ownership *o, int fd, const struct stat *st, const char *path);

/* Gives back what a chown took from the file that was being changed when an earlier run was killed. */
int finish_journal(struct ownership *o, int root);

#endif
