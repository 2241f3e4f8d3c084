/* Tar archives as pax(1) of POSIX.1-2017 has them ("ustar Interchange Format", "pax Interchange Format"). */
#ifndef CTR_CP_TAR_H
#define CTR_CP_TAR_H

#define TAR_BLOCK 512
#define TAR_XATTR "SCHILY.xattr." /* as GNU tar, bsdtar and star name them */

struct tar_header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
	char magic[6], version[2], owner[32], group[32], major[8], minor[8], prefix[155], unused[12];
};

/* Sum of its bytes, those of the checksum taken as blanks. */
static inline unsigned tar_checksum(const struct tar_header *h)
{
	const unsigned char *bytes = (const unsigned char *)h, *field = (const unsigned char *)h->checksum;
	unsigned sum = 0;

	for (unsigned i = 0; i < TAR_BLOCK; i++)
		sum += bytes + i >= field && bytes + i < field + sizeof h->checksum ? ' ' : bytes[i];
	return sum;
}

#endif
