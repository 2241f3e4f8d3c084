/* The host's procfs, held open: paths mean nothing any more once the root has changed, and what the container has at /proc is not
 * trusted (CVE-2015-1334, CVE-2019-16884). */
#ifndef CTR_PROCFS_H
#define CTR_PROCFS_H

#include "plan.h"

/* An O_PATH descriptor of /proc, which is a procfs; -1 with errno. */
int open_procfs(void);

/* The same where the plan has labels (or kernel parameters) to write there; -1 when it has not, -2 with `failure`. */
int open_procfs_for(const struct plan *plan, bool with_sysctls);

/* Writes a kernel parameter of the namespaces that this process is in; -1 with `failure`. */
int write_sysctl(int procfs, const struct op *op);

/* The labels that the next exec gives; -1 with `failure`. */
int set_exec_labels(int procfs, const struct plan *plan);

#endif
