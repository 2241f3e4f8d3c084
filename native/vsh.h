/* vsh: the client of ChromeOS's shell over vsock. */
#ifndef CTR_VSH_H
#define CTR_VSH_H

#include <stdbool.h>
#include <stdint.h>

#include "vsh-buffer.h"

/* Anything that went wrong before the session; what a session that was cut off ends with. */
#define VSH_NOT_DONE 1
#define VSH_LOST 123

/* Where vshd is. */
struct vsh_address {
	enum { VSH_NOWHERE, VSH_BY_CID, VSH_BY_UDS, VSH_BY_UNIX } kind;
	uint32_t cid, port;
	const char *path;
};

/* vsh-machines.c: looks the machine up in the table; does not return when it is not there. */
void vsh_find_machine(const char *name, const char *owner, struct vsh_address *address);

/* vsh-connect.c: a connected socket; does not return when there is none. */
int vsh_connect(const struct vsh_address *address);
/* Waits until a vshd dials in. */
int vsh_await_dial(const struct vsh_address *address, uint32_t listen_port);

/* vsh-request.c: asks for the session; returns when vshd is ready. What came behind its answer is in the reader. */
void vsh_set_up(int socket, const struct vsh_setup *setup, struct vsh_reader *reader);

/* Where a program, and no user, sets sizes and sends signals. */
#define VSH_CONTROL_FD 3

/* vsh-client.c: carries bytes, sizes and signals until the command has ended; the exit status. `control`: VSH_CONTROL_FD, or -1. */
int vsh_run_client(int socket, bool interactive, int control, struct vsh_reader *reader);

#endif
