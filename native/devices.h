/* Devices of the host that the plan names by their source: their numbers are known at the start only. */
#ifndef CTR_DEVICES_H
#define CTR_DEVICES_H

#include "container.h"

/* Finds the numbers of all of them, in plan order, and makes the loop devices among them. -1 with `failure`. */
int open_devices(struct container *c);

/* Lets the loop devices go. */
void close_devices(struct container *c);

/* `cgroup-device` */
int allow_device(const struct container *c, const struct op *op);

/* The program of a `cgroup-devices` with the numbers filled in, its size in *length; valid until the next call. NULL with `failure`. */
const void *fill_device_numbers(const struct container *c, const struct op *op, size_t *length);

/* `cgroup-owner` */
int do_cgroup_owner(const struct op *op);

/* `device-node`, `bound-node` */
int do_device_node(struct container *c, const struct op *op);
int do_bound_node(struct container *c, const struct op *op);

#endif
