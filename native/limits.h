#pragma once

/* Raises those resource limits of this process that are lower than what the kernel gives its first process: what a caller has set for
 * himself is not meant for a container, nor for the monitor (a limit of file sizes would end it by its own log). Hard limits are raised
 * where that is allowed. Higher ones stay. */
void lift_low_limits(void);
