/* `cp`: a tree from one side to the other. Two processes and a pipe: one on the host's side with the rights of the caller, one on the
 * container's with those of root inside, who has none on the host. Neither trusts what the other's side has in it. */
#ifndef CTR_CP_H
#define CTR_CP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "plan.h"

#define CP_DEPTH 400
#define CP_NAME 256
#define CP_PATH 4096
#define CP_DATA 131072

/* What goes through the pipe. `size`: for FILE what the file says it has, for DATA the offset of the bytes that follow, for CLOSE the
 * file's whole size. SAME: one more name of the file that has come by the path in `more`, which is below the first entry. */
enum cp_kind { CP_FILE = 1, CP_DATA_AT, CP_XATTR, CP_CLOSE, CP_DIR, CP_END_DIR, CP_LINK, CP_FIFO, CP_SAME, CP_DONE };

struct cp_entry {
	uint8_t kind;
	bool contents; /* a directory whose contents are meant, and not itself */
	bool implied;  /* a directory that is only on the way: nothing is known of it */
	uint16_t name; /* bytes of the name (an attribute's, in XATTR) that follow */
	uint32_t more; /* bytes that follow the name: data, an attribute's value, what a symbolic link says */
	uint32_t mode, uid, gid, mtime_ns;
	int64_t mtime;
	uint64_t size;
};

/* One side, in one process. */
struct cp_side {
	const char *name; /* of the container, on its side; else NULL */
	int root;         /* O_PATH descriptor of its root, or -1: the host's */
	const struct plan *disk_ids; /* whose ids inside are others on disk, or NULL */
	bool keep;        /* owners, times, all of the mode, extended attributes of users */
	bool follow;      /* the link that the source itself may be */
	int pipe;
	int failed;       /* so many files are not as they should be */
	char path[CP_PATH]; /* where it is, for messages */
	size_t length;
	size_t top; /* of the path of what is read: what comes behind it is below the first entry */
};

/* cp-pipe.c: -1 with errno; EPIPE: the other side has ended. */
int cp_send(int pipe, const struct cp_entry *e, const void *name, const void *more);
/* 0 with what follows it in `name` (with a NUL behind it) and `more`, of CP_DATA bytes; -1 with errno. */
int cp_receive(int pipe, struct cp_entry *e, char *name, char *more);
/* Says what failed, with errno, and counts it. */
void cp_failed(struct cp_side *s, const char *what);
/* The same without errno. */
void cp_left_out(struct cp_side *s, const char *why);
/* Whether it can be a name in a directory. */
bool cp_is_component(const char *text);
/* Adds a component to the path of messages; the length before it. */
size_t cp_push(struct cp_side *s, const char *name);
void cp_pop(struct cp_side *s, size_t length);
/* Opens a path of the user's on this side, as an O_PATH descriptor: of the container's never outside of its root. */
int cp_open(const struct cp_side *s, const char *path, int flags);

/* cp-read.c, cp-write.c: 0, or -1 when it cannot go on; what failed by the way is counted. */
int cp_read(struct cp_side *s, const char *path);
int cp_write(struct cp_side *s, const char *path);
/* cp-tar-in.c, cp-tar-out.c: the same, of a tar archive at stdin, and to one at stdout. */
int cp_read_tar(struct cp_side *s);
int cp_write_tar(struct cp_side *s);
/* cp-links.c: the path by which this file has been sent already, or NULL. */
const char *cp_known_file(const void *st);
void cp_remember_file(const void *st, const char *path);
/* cp-file.c: the file that is being written in a directory; cp_file() is -1 when there is none. */
void cp_begin_file(struct cp_side *s, int dir, const char *name);
void cp_take_data(struct cp_side *s, const struct cp_entry *e, const char *data);
void cp_end_file(struct cp_side *s, const struct cp_entry *e);
void cp_drop_file(void);
int cp_file(void);
/* Gives the file one more name, or a copy that name where a link cannot be. */
void cp_add_name(struct cp_side *s, int dir, const char *name, int file, const struct cp_entry *e);
/* Whether it is a mount there, which is not to be replaced. */
bool cp_is_mount(int dir, const char *name);
/* cp-attributes.c */
void cp_describe(const struct cp_side *s, struct cp_entry *e, const void *st);
void cp_send_xattrs(struct cp_side *s, int fd);
void cp_take_xattr(struct cp_side *s, int fd, const char *name, const void *value, size_t size);
/* Owner, mode and times of what has been made; fd: of it itself, not O_PATH unless it is a symbolic link or a FIFO. */
void cp_set_attributes(struct cp_side *s, int fd, const struct cp_entry *e);

/* cp.c: makes this process the container's side. -1 with `failure`. */
int cp_go_inside(struct cp_side *s, struct plan *plan, const char *run_dir, bool running);

#endif
