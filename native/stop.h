#ifndef CTR_STOP_H
#define CTR_STOP_H

#include <stdbool.h>
#include <stdint.h>

/* None is 0. */
enum stop_outcome { STOP_FAILED = 1, STOP_STOPPED, STOP_KILLED, STOP_NOT_RUNNING };

/* Ends the container of a run directory: by that signal (0: none) within timeout_ms, else, with `force`, by SIGKILL. Returns when
 * nothing of it is left. STOP_FAILED: *why says why in words, until the next call. */
enum stop_outcome stop_container(const char *dir, int signal_number, uint64_t timeout_ms, bool force, const char **why);

#endif
