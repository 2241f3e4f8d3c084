/* Whose symbolic links a path of the host goes through. */
#ifndef CTR_FOLLOWED_LINKS_H
#define CTR_FOLLOWED_LINKS_H

/* Of a path that leads through symbolic links to `fd`, opened with these flags (O_NOFOLLOW counts): those that are not root's must be of the owner of what they lead to, or who made
 * them would choose what root shows a container. -1 with `failure` and EACCES. */
int check_followed_links(const char *path, int flags, int fd);

#endif
