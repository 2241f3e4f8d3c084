#ifndef CTR_NET_LEASES_H
#define CTR_NET_LEASES_H

#include <stddef.h>
#include <stdint.h>

/* Takes the lines of a lease file of dnsmasq away that have one of the MAC addresses of another file, a line each. Nobody else may have
 * it open for writing. Their number. */
uint64_t drop_leases(const char *leases, const char *released);

#endif
