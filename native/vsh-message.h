/* The messages of ChromeOS's vsh (platform2, vm_tools/proto/vsh.proto), and their frames: a length of four bytes, the lowest first,
 * and so many bytes of protobuf. Which message a frame holds follows from its place: the first of each side sets up. */
#ifndef CTR_VSH_MESSAGE_H
#define CTR_VSH_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "vsh-protobuf.h"

#define VSH_DEFAULT_PORT 9001
#define VSH_LENGTH 4
/* Of the protobuf bytes; a longer one ends the session. */
#define VSH_MAX_MESSAGE 4096
#define VSH_MAX_FRAME (VSH_LENGTH + VSH_MAX_MESSAGE)
/* Payload of one data message, as sent. */
#define VSH_CHUNK 4000
#define VSH_DATA_HEAD 12
/* So many are made of what is read at once: a pipe holds 65536 bytes. */
#define VSH_FRAMES_AT_ONCE 17
/* Each takes two bytes of the request at least. */
#define VSH_MAX_WORDS (VSH_MAX_MESSAGE / 2)

#define VSH_MACHINE "/vm_shell" /* the target that is no container */

/* What EXITED says where there is nothing else to say. */
#define VSH_EXITED_TEXT "target process has exited"

enum vsh_status { VSH_UNKNOWN, VSH_READY, VSH_EXITED, VSH_FAILED };
enum vsh_stream { VSH_NO_STREAM, VSH_STDIN, VSH_STDOUT, VSH_STDERR };

struct vsh_setup {
	const char *target, *user, *cwd; /* never NULL when decoded */
	char *argv[VSH_MAX_WORDS + 1];
	char *env[VSH_MAX_WORDS + 1]; /* NAME=value */
	int argc, env_count;
	int32_t rows, cols, cwd_pid;
	bool nopty;
	size_t used;
	char arena[VSH_MAX_FRAME]; /* where decoded words live */
};

struct vsh_response {
	int32_t status, pid;
	struct span description;
};

/* HostMessage and GuestMessage. */
struct vsh_message {
	enum vsh_kind { VSH_NOTHING, VSH_DATA, VSH_STATUS, VSH_RESIZE, VSH_SIGNAL } kind;
	int32_t stream;
	struct span data;
	int32_t status, code;
	struct span description;
	int32_t rows, cols;
	int32_t signal;
};

/* NULL, or what is wrong with it. */
const char *vsh_decode_setup(struct span bytes, struct vsh_setup *setup);
bool vsh_decode_response(struct span bytes, struct vsh_response *response);
/* from_client: a GuestMessage. What they do not know they skip. */
bool vsh_decode_message(struct span bytes, bool from_client, struct vsh_message *message);

/* Write a whole frame to `frame` (VSH_MAX_FRAME bytes); its size. More than VSH_MAX_FRAME: it did not fit, and is not to be sent. */
size_t vsh_encode_setup(uint8_t *frame, const struct vsh_setup *setup);
size_t vsh_encode_response(uint8_t *frame, enum vsh_status status, const char *description, int32_t pid);
size_t vsh_encode_data(uint8_t *frame, enum vsh_stream stream, const void *data, size_t size);
/* What stands before the data in such a frame; its size, which is VSH_DATA_HEAD for data of VSH_CHUNK bytes. */
size_t vsh_encode_data_head(uint8_t *frame, enum vsh_stream stream, size_t size);
size_t vsh_encode_status(uint8_t *frame, enum vsh_status status, const char *description, int32_t code);
size_t vsh_encode_resize(uint8_t *frame, int32_t rows, int32_t cols);
size_t vsh_encode_signal(uint8_t *frame, int signal_number);

#endif
