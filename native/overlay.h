/* Overlays: other directories, and what is written to them apart. */
#ifndef CTR_OVERLAY_H
#define CTR_OVERLAY_H

#include "container.h"

int do_overlay(struct container *c, const struct op *op);
int do_root_overlay(struct container *c, const struct op *op);

#endif
