/* The monitor's parts and what they share. There is one container, so there is one of each. */
#ifndef CTR_MONITOR_H
#define CTR_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MAX_CONSOLES 16
#define MAX_CLIENTS 16
/* One read of a console, one frame of OUTPUT. */
#define CHUNK 4096
#define RETRY_MS 200

struct console {
	int master;
	int slave;           /* held open by us after a hang-up, else -1 */
	int log;             /* console<n>.log, -1 while it cannot be opened */
	uint64_t log_size;   /* bytes in it */
	uint64_t log_lost;   /* bytes that it had to do without */
	int64_t reopened_ms; /* when `slave` was opened last */
	bool hung_up;        /* not in the epoll set: EPOLLHUP would be reported without end */
	bool full;           /* takes no input at the moment */
	int64_t typed_ms;    /* when something was typed whose reader is still to be looked for; 0: none */
};

/* What follows on init's end. */
enum continuation { CONTINUE_STOP, CONTINUE_RESTART, CONTINUE_PRESERVE };

struct monitor {
	const char *helper, *run_path;
	int dir, log_dir, socket, epoll;
	pid_t init;
	int init_pidfd;
	uint64_t log_half;      /* size at which a log is rotated: half the limit */
	enum continuation on_poweroff, on_reboot, on_crash;
	unsigned fast;     /* restarts in a row that were soon needed again */
	int64_t since_ms;  /* of this init */
	int notify;        /* the socket on which init says that it is ready, or -1 */
	bool any_notifier; /* not init alone: ours is PID 1 */
	bool ready;        /* it has */
	bool retry;             /* something is left alone for RETRY_MS: a console, or the socket */
	bool stop_asked;        /* by STOP, KILL or SIGTERM: what ends now is stopped, and stays so */
	int console_count;
	struct console consoles[MAX_CONSOLES];
};

extern struct monitor monitor;

/* For one read at a time; whoever calls another part may find it changed. */
extern uint8_t chunk[CHUNK];

/* What an epoll event is about: a kind, and the index of the console or client. */
enum event_kind { EVENT_SOCKET, EVENT_INIT, EVENT_SIGNAL, EVENT_CONSOLE, EVENT_CLIENT, EVENT_NOTIFY };

/* epoll_ctl(2) with such an event; -1 with errno. */
int watch(int operation, int fd, uint32_t events, enum event_kind kind, int index);

/* Ends init by SIGKILL, which ends its pid namespace. */
int kill_init(void);

/* monitor-groups.c: whether the kernel killed something in the container for want of memory; lets what v1's freezer holds go on. */
bool ran_out_of_memory(void);
void thaw_groups(void);

/* monitor-options.c: ends the monitor with 2 when they are wrong. */
void read_options(int argc, char **argv);

/* monitor-console.c */
void console_open(int index);
void console_event(int index, uint32_t events);
/* Bytes taken of what was typed; less than `size`: console->full is set until there is room. */
size_t console_write(int index, const uint8_t *bytes, size_t size);
void console_resize(int index, uint16_t rows, uint16_t columns, bool redraw);
/* A full-screen program draws itself again, in the size it has. */
void console_redraw(int index);
/* Whether nobody has it open (enum unread). */
int console_look(int index);
/* Something was typed by somebody who wants to know whether it is read. */
void console_typed(int index);
/* Tries hung up consoles again that have been left alone long enough; true while there are others. */
bool consoles_retry(void);
/* Reads what is left once init has ended. */
void consoles_drain(void);

/* monitor-log.c */
void log_open(int index);
void log_append(int index, const uint8_t *bytes, size_t size);
/* What is read from a log when it is shown again. */
#define TAIL_MAX 8192
/* Gives the last `most` bytes, from a line's start, to `sink` in pieces of at most CHUNK; stops when it returns false. */
void log_tail(int index, uint64_t most, bool (*sink)(const void *bytes, size_t size, void *context), void *context);

/* monitor-clients.c */
void clients_accept(void);
void client_event(int index, uint32_t events);
void clients_output(int console, const uint8_t *bytes, size_t size);
void clients_resume(int console);
/* Who types there is told why that reaches nobody (enum unread). */
void clients_unread(int console, int why);
void clients_exit(int wait_status);

/* Tells those who wait for it that init is ready. */
void clients_ready(void);

/* monitor-notify.c */
void notify_event(void);

/* monitor-exit.c: what follows on this end. */
enum continuation decide_end(int wait_status);
/* Writes down what init's end was, and that `next` follows where that is not a restart or a stop as ever. */
void record_exit(int wait_status, enum continuation next);

#endif
