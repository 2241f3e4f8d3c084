/* Other forms of a root that is a tree of the host. */
#ifndef CTR_ROOT_FORMS_H
#define CTR_ROOT_FORMS_H

#include "container.h"

int do_root_empty(struct container *c, const struct op *op);
int do_root_usr(struct container *c, const struct op *op);

#endif
