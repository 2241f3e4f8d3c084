/* The end of a cgroup with everything in it. */
#ifndef CTR_CGROUP_REMOVE_H
#define CTR_CGROUP_REMOVE_H

/* What a start has made of a partition; what the administrator has made is not ours to remove. */
#define MADE_BY_A_START S_ISVTX

/* Kills every process of the group and its subgroups and removes them, children first; waits up to 5 s for the dead to be reaped.
 * -1 with errno when something is left. */
int remove_cgroup(const char *path);

/* Writes a value to a cgroup file below dirfd; -1 with errno. */
int write_cgroup_file(int dirfd, const char *name, const char *value);

#endif
