/* newuidmap(1) and newgidmap(1): they write the maps of a user's namespace, of ids that /etc/subuid and /etc/subgid give to him. */
#ifndef CTR_ID_PROGRAMS_H
#define CTR_ID_PROGRAMS_H

#include <sys/types.h>

/* Both maps of the process's user namespace, in the kernel's own form. -1 with `failure`, which names the cause. */
int write_maps_by_programs(pid_t pid, const char *uid_map, const char *gid_map);

#endif
