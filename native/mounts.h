/* The operations of the mount phase that mount something. */
#ifndef CTR_MOUNTS_H
#define CTR_MOUNTS_H

#include <sys/stat.h>

#include "container.h"

/* mounts.c */
int do_mount(struct container *c, const struct op *op);

/* binds.c */
int do_bind(struct container *c, const struct op *op);
int do_mask(struct container *c, const struct op *op);
int do_read_only(struct container *c, const struct op *op);
int do_detach(struct container *c, const struct op *op);
int do_inaccessible(struct container *c, const struct op *op);

/* The attributes of a mount that MS_* flags mean. */
struct mount_attr;
void set_attributes(uint64_t flags, struct mount_attr *attr);

/* A detached copy of the mount at fd (its path must be reachable in this mount namespace), private (MS_SLAVE: not), with MS_* flags set;
 * userns_fd >= 0: id-mapped by it. -1 with errno; *call names the call that refused. */
int copy_mount(int fd, uint64_t flags, int userns_fd, const char **call);

/* Attaches a detached mount on what target_fd means. */
int attach_mount(int mount_fd, int target_fd);

/* Attaches a detached mount as the new root: on top of "/", so no directory of the host is needed for it. */
int attach_root(const struct container *c, int mount_fd);

/* mount(2) on what an O_PATH fd means; -1 with errno. */
int mount_filesystem(int target, const char *fstype, const char *source, uint64_t flags, const char *data);

/* The user namespace whose maps an id-mapped mount takes, by OPT_IDMAPPED, OPT_MAP_ROOT, OPT_MAP_OWNER (of `source`) or OPT_MAP_TARGET
 * (of what it is mounted on, -1 for a root); *userns is -1 for none of them. -1 with `failure`. */
int open_id_map(const struct container *c, uint64_t options, const struct stat *source, int target, int *userns);

#endif
