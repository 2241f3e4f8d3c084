/* The monitor's protocol (docs/monitor-protocol.md), as both sides see it. */
#ifndef CTR_PROTOCOL_H
#define CTR_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 2: one client types at a console (WRITE, ROLE), and the others look on; UNREAD. */
#define PROTOCOL_VERSION 2
#define MONITOR_SOCKET "monitor.sock"

enum frame_type {
	FRAME_HELLO = 1,
	FRAME_ATTACH,
	FRAME_INPUT,
	FRAME_RESIZE,
	FRAME_SIGNAL,
	FRAME_STOP,
	FRAME_KILL,
	FRAME_OUTPUT,
	FRAME_LOST,
	FRAME_EXIT,
	FRAME_ERROR,
	FRAME_OK,
	FRAME_READY,
	FRAME_WRITE,
	FRAME_ROLE,
	FRAME_UNREAD,
};

/* Payload of WRITE: what a client wishes. */
enum wish { WISH_WATCH, WISH_WRITE, WISH_TAKE };

/* Payload of UNREAD: why what is typed reaches nobody. */
enum unread { UNREAD_NOT, UNREAD_CLOSED, UNREAD_INPUT, UNREAD_NO_TERMINAL };

/* Payload of ROLE: whether the client writes (u8), pid and uid of who does (u32 each; 0 0: nobody). */
#define ROLE_SIZE 9

/* length (u32) and type (u8); length counts the type. */
#define FRAME_HEADER 5
#define FRAME_LENGTH_MAX 65536
/* Payload of the largest frame from a client, besides INPUT. */
#define REQUEST_MAX 6
/* One frame of so much goes into one socket buffer: it is sent as a whole or not at all. (And a pipe that polls as writable takes
 * so much at once: PIPE_BUF.) */
#define OUTPUT_MAX 4096

static inline uint16_t get_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t get_u32(const uint8_t *p)
{
	return (uint32_t)get_u16(p) | (uint32_t)get_u16(p + 2) << 16;
}

static inline uint64_t get_u64(const uint8_t *p)
{
	return get_u32(p) | (uint64_t)get_u32(p + 4) << 32;
}

static inline void put_u16(uint8_t *p, uint16_t n)
{
	p[0] = (uint8_t)n;
	p[1] = (uint8_t)(n >> 8);
}

static inline void put_u32(uint8_t *p, uint32_t n)
{
	put_u16(p, (uint16_t)n);
	put_u16(p + 2, (uint16_t)(n >> 16));
}

static inline void put_u64(uint8_t *p, uint64_t n)
{
	put_u32(p, (uint32_t)n);
	put_u32(p + 4, (uint32_t)(n >> 32));
}

/* Whether a client may send a frame of this type with `length` bytes (the type counted). */
bool is_request(uint8_t type, uint32_t length);

/* Sends one frame without waiting and without SIGPIPE; -1 with errno. EAGAIN: nothing of it was sent. */
int send_frame(int socket, uint8_t type, const void *payload, size_t size);

#endif
