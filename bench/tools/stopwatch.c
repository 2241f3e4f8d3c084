/* stopwatch: a small server that runs the measured commands. The bench itself is a large process with a garbage collector: what
 * it forks pays for its memory, so it only asks, and this one forks.
 *
 *     stopwatch LOG
 *
 * A request on stdin is a row of strings, each ended by a NUL, the row by an empty one. The answer on stdout is one line.
 *
 *     run SECONDS PROGRAM...          STATUS NS     from before the fork until PROGRAM is gone; killed after SECONDS (124)
 *     start SECONDS MARK PROGRAM...   PID NS        in the background; NS until the file MARK is written, by what it holds (-1:
 *                                                   not within SECONDS, or PROGRAM failed before)
 *     end SIGNAL PID GONE             OK NS         sends SIGNAL (0: none) to PID, NS until the process GONE is gone (OK 0: after
 *                                                   30 s it was not)
 *     settle                          OK NS         waits until nothing is left of what was run (OK 0: after 30 s there was)
 *
 * PROGRAM's stdin and stdout are /dev/null, its stderr is the file LOG, anew for each request. Whatever the programs leave
 * behind becomes a child of this one; when stdin ends, whyever, it kills them all.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_WORDS 4096
#define GONE_MS 30000

static char **words;
static int word_count, null_fd, log_fd;

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void answer(long long first, long long ns)
{
	printf("%lld %lld\n", first, ns);
	fflush(stdout);
}

/* ---- requests ------------------------------------------------------------ */

/* False at the end of stdin. The row before is freed. */
static int read_request(void)
{
	size_t size = 0;
	char *word = NULL;

	for (int i = 0; i < word_count; i++)
		free(words[i]);
	for (word_count = 0; word_count < MAX_WORDS; word_count++, word = NULL) {
		ssize_t length = getdelim(&word, &size, 0, stdin);

		if (length <= 1) {
			free(word);
			words[word_count] = NULL;
			return length == 1;
		}
		words[word_count] = word;
		size = 0;
	}
	return 0;
}

/* ---- processes ----------------------------------------------------------- */

static pid_t spawn(char **argv, int detached)
{
	/* By vfork: what it costs does not depend on this process. */
	pid_t pid = vfork();

	if (pid == 0) {
		if (detached)
			setsid();
		dup2(null_fd, 0);
		dup2(null_fd, 1);
		dup2(log_fd, 2);
		execvp(argv[0], argv);
		dprintf(2, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	return pid;
}

static void reap(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static int open_process(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static volatile sig_atomic_t expired;

static void on_alarm(int signal_number)
{
	(void)signal_number;
	expired = 1;
}

/* ---- what can be asked ---------------------------------------------------- */

/* Strays are reaped meanwhile, as init does: a runtime may wait until they are. */
static void run(char **argv, unsigned seconds)
{
	long long begun = now_ns();
	pid_t pid = spawn(argv, 0), gone;
	int status = 0;

	expired = 0;
	alarm(seconds);
	while ((gone = wait4(-1, &status, 0, NULL)) != pid)
		if (gone < 0 && expired) {
			kill(pid, SIGKILL);
			expired = 2;
			waitpid(pid, NULL, 0);
			break;
		}
	begun = now_ns() - begun;
	alarm(0);
	answer(expired == 2 ? 124 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), begun);
}

static long long read_mark(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (read(fd, text, sizeof text - 1) < 0)
			text[0] = 0;
		close(fd);
	}
	return atoll(text);
}

static void start(char **argv, const char *mark, int seconds)
{
	int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), child, fd = open(mark, O_WRONLY | O_TRUNC | O_CLOEXEC);
	long long begun, at = 0, deadline;
	char events[4096];
	pid_t pid;

	close(fd);
	if (fd < 0 || inotify_add_watch(watch, mark, IN_CLOSE_WRITE) < 0) {
		fprintf(stderr, "stopwatch: %s: %s\n", mark, strerror(errno));
		exit(1);
	}
	begun = now_ns();
	deadline = begun + seconds * 1000000000LL;
	pid = spawn(argv, 1);
	child = open_process(pid);
	while (!at && now_ns() < deadline) {
		struct pollfd fds[] = { { .fd = watch, .events = POLLIN }, { .fd = child, .events = POLLIN } };

		poll(fds, 2, (int)((deadline - now_ns()) / 1000000) + 1);
		if (fds[0].revents && read(watch, events, sizeof events) < 0)
			continue;
		at = read_mark(mark);
		/* A program that returned has started something; one that failed has not. */
		if (fds[1].revents && child >= 0) {
			int status = 0;

			close(child);
			child = -1;
			if (waitpid(pid, &status, 0) == pid && status)
				break;
		}
	}
	close(watch);
	if (child >= 0)
		close(child);
	reap();
	answer(pid, at ? at - begun : -1);
}

static void end(int signal_number, pid_t pid, pid_t gone)
{
	struct pollfd process = { .fd = open_process(gone), .events = POLLIN };
	long long begun = now_ns();
	int ok;

	if (pid > 1 && signal_number)
		kill(pid, signal_number);
	ok = process.fd < 0 || poll(&process, 1, GONE_MS) == 1;
	begun = now_ns() - begun;
	if (process.fd >= 0)
		close(process.fd);
	reap();
	answer(ok, begun);
}

static void settle(void)
{
	long long begun = now_ns();

	expired = 0;
	alarm(GONE_MS / 1000);
	while (waitpid(-1, NULL, 0) > 0 || (errno == EINTR && !expired))
		;
	alarm(0);
	answer(!expired, now_ns() - begun);
}

/* ---- the end -------------------------------------------------------------- */

/* Children of killed children come to this process: until there is none. */
static void end_all(void)
{
	char path[64], text[1 << 16];

	snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
	for (;;) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
		char *at = text, *next;

		if (fd >= 0)
			close(fd);
		if (n <= 0)
			return;
		text[n] = 0;
		for (long pid; (pid = strtol(at, &next, 10)) > 1 && (*next == ' ' || !*next); at = next)
			kill((pid_t)pid, SIGKILL);
		if (waitpid(-1, NULL, 0) < 0)
			return;
		reap();
	}
}

int main(int argc, char **argv)
{
	sigaction(SIGALRM, &(struct sigaction){ .sa_handler = on_alarm }, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	log_fd = argc == 2 ? open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	words = calloc(MAX_WORDS + 1, sizeof *words);
	if (null_fd < 0 || log_fd < 0 || !words)
		return 2;
	while (read_request()) {
		reap();
		if (ftruncate(log_fd, 0) < 0)
			return 2;
		if (word_count > 2 && !strcmp(words[0], "run"))
			run(words + 2, (unsigned)atoi(words[1]));
		else if (word_count > 3 && !strcmp(words[0], "start"))
			start(words + 3, words[2], atoi(words[1]));
		else if (word_count == 4 && !strcmp(words[0], "end"))
			end(atoi(words[1]), atoi(words[2]), atoi(words[3]));
		else if (word_count == 1 && !strcmp(words[0], "settle"))
			settle();
		else
			return 2;
	}
	end_all();
	return 0;
}
