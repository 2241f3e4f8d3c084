#include "superblock.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* What each writes where, from their own documents. ext2 and ext3 are mounted by ext4's driver. */
static const struct {
	const char *fstype;
	unsigned offset, size;
	const char *magic;
} signs[] = {
	{ "ext4", 0x438, 2, "\x53\xef" },
	{ "xfs", 0, 4, "XFSB" },
	{ "btrfs", 0x10040, 8, "_BHRfS_M" },
	{ "squashfs", 0, 4, "hsqs" },
	{ "erofs", 0x400, 4, "\xe2\xe1\xf5\xe0" },
	{ "f2fs", 0x400, 4, "\x10\x20\xf5\xf2" },
	{ "iso9660", 0x8001, 5, "CD001" },
	{ "udf", 0x8001, 5, "BEA01" },
	{ "vfat", 0x52, 8, "FAT32   " },
	{ "vfat", 0x36, 8, "FAT16   " },
	{ "vfat", 0x36, 8, "FAT12   " },
	{ "exfat", 3, 8, "EXFAT   " },
	{ "ntfs3", 3, 8, "NTFS    " },
	{ "nilfs2", 0x406, 2, "\x34\x34" },
	{ "jfs", 0x8000, 4, "JFS1" },
	{ "cramfs", 0, 4, "\x45\x3d\xcd\x28" },
	{ "romfs", 0, 8, "-rom1fs-" },
};

const char *probe_superblock(int device, const char **reason)
{
	const char *found = NULL;
	char bytes[8];

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		if (pread(device, bytes, signs[i].size, signs[i].offset) != (ssize_t)signs[i].size ||
		    memcmp(bytes, signs[i].magic, signs[i].size) != 0)
			continue;
		/* Left over from an earlier use, or put there: which one is meant, the configuration must say. */
		if (found && strcmp(found, signs[i].fstype) != 0) {
			*reason = "it has signs of several file systems";
			return NULL;
		}
		found = signs[i].fstype;
	}
	if (!found)
		*reason = "no file system known to ctr is on it";
	return found;
}
