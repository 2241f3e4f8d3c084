/* Whether what was written to the terminal has left it on its alternate screen. To leave one that it is not on moves the cursor of some
 * terminals to where an earlier program was. */
#ifndef CTR_ALTERNATE_SCREEN_H
#define CTR_ALTERNATE_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All that goes there, in its order, in pieces of any size. */
void alternate_screen_watch(const uint8_t *bytes, size_t size);

bool alternate_screen_is_on(void);

#endif
