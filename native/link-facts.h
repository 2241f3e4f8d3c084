/* What the kernel knows of a link in our network namespace. */
#ifndef CTR_LINK_FACTS_H
#define CTR_LINK_FACTS_H

#include <net/if.h>
#include <stddef.h>
#include <stdint.h>

#define LONG_NAME 128

struct link_facts {
	int index;
	uint32_t group, mtu, master;
	char name[IFNAMSIZ];
	char alias[256];
	unsigned char mac[32];
	size_t mac_length;
	/* One after another, each with a space behind it. */
	char altnames[1024];
};

/* By its name, which may be an alternative one, or where that is NULL by its index. -1 with errno: ENODEV when there is none. When it has
 * answered, a removal that was under way before is over. */
int read_link_facts(struct link_facts *facts, const char *name, int index);

#endif
