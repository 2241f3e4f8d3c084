/* The command lines of vsh and vshd: `--name=value` or `--name value`, switches with `=true`, `=false` or a `no` in front, as ChromeOS's
 * flags have them. */
#ifndef CTR_VSH_COMMAND_LINE_H
#define CTR_VSH_COMMAND_LINE_H

#include <stdint.h>

#include "vsh_options.h"

/* As sysexits.h, and as libbrillo's flags. */
#define VSH_USAGE 64
#define VSH_BAD_VALUE 65

/* Calls `take` for each option, a switch with "true" or "false". The index of the first word that is none; `--` before it is gone. Does
 * not return after --help, or when the line is wrong. */
int vsh_read_options(const struct vsh_option *options, const char *help, int argc, char **argv,
		     void (*take)(int option, const char *value));

/* The number in `value`; ends the program when it is none of min to max. */
uint32_t vsh_number(const char *option, const char *value, uint32_t min, uint32_t max);

#endif
