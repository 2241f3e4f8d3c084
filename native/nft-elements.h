/* Elements of the maps of a network's table, by netlink: no program is run for them. */
#ifndef CTR_NFT_ELEMENTS_H
#define CTR_NFT_ELEMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A port of the host that leads somewhere: key and value of a map as nftables keeps them, each part filled up to four bytes. */
struct port_element {
	const char *table, *map;
	unsigned char key[24], value[20];
	size_t key_size, value_size;
};

/* All of them in one transaction; those that are there with another value are replaced. -1 with errno. */
int put_elements(const struct port_element *elements, int count);

/* Takes away those that are there with these values. What is not there is gone. */
void take_elements(const struct port_element *elements, int count);

/* Whether the table of that family (`inet`, `ip`, `ip6`) is there. */
bool has_table(const char *family, const char *table);

#endif
