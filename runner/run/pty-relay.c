/*
 * pty-relay
 *
 * Starts programs, each on a terminal of its own (pty(7)), and carries what they print and what is typed. One relay serves
 * all runs of a runner: to fork this small program takes the kernel 0.1 ms and nobody waits for it, where the runner's
 * own memory makes it 1 to 10 ms in which it answers nobody.
 *
 * Requests on standard input and reports on standard output are records of the machine's byte order:
 *
 *   | run u32 | kind u8, length u24 | length bytes |
 *
 *   START   columns u16, rows u16, then each argument with a NUL after it
 *   INPUT   what was typed; answered by TAKEN with the number of bytes (u32) once the terminal has them
 *   RESIZE  columns u16, rows u16
 *   PAUSE, RESUME   whether output is read from the terminal; where it is not, the kernel holds the program
 *   SIGNAL  number u8, for the process that was started
 *   CLOSE   kills the process and forgets its terminal: nothing is reported of it any more
 *
 *   OUTPUT  bytes; those of a flood are gathered, a little is passed on at once
 *   EXITED  status i32, as waitpid(2) has it, after all output; or -1 and errno where it could not be started
 *
 * It ends with its standard input, and the terminals with it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum request { START = 1, INPUT, RESIZE, PAUSE, RESUME, SIGNAL, CLOSE };
enum report { OUTPUT = 1, EXITED, TAKEN };

#define HEADER_BYTES 8
/* Of one record. The runner keeps to it, and sends no INPUT before the last one was taken. */
#define MAX_RECORD_BYTES 65536
#define MAX_ARGUMENTS 1024

/* So much of a flood travels together; for so long at most. */
#define GATHER_BYTES 65536
#define GATHER_MS 1
/* A read that gives less than this is no flood: somebody waits for it. The kernel's pieces have 4 KiB. */
#define LITTLE_BYTES 2048

struct terminal {
	struct terminal *next;
	uint32_t run;
	int fd;
	pid_t pid;
	/* What is waited for: EPOLLIN, EPOLLOUT, both or nothing. */
	uint32_t watched;
	int paused;
	/* Nobody has it open any more: all output was read. */
	int hung_up;
	int exited, status;
	/* Gathered output, with room for GATHER_BYTES; NULL while there is none. */
	char *gathered;
	size_t gathered_bytes;
	int64_t gathered_since_ms;
	/* What was typed and is not taken yet; NULL when all is. */
	char *typed;
	size_t typed_bytes, typed_at;
};

static struct terminal *terminals;
/* An epoll(7) of all terminals, as far as something is to be done for them. */
static int ready_terminals;
/* Children may have ended that nobody has asked yet. */
static int children_ended;

static char requests[HEADER_BYTES + MAX_RECORD_BYTES];
static size_t request_bytes;
/* Room for what is gathered, and the small reports besides. */
static char reports[4 * (HEADER_BYTES + GATHER_BYTES)];
static size_t report_bytes, report_at;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* A write may take a part: the rest stays for the next. */
static void write_reports(void)
{
	while (report_at < report_bytes) {
		ssize_t written = write(STDOUT_FILENO, reports + report_at, report_bytes - report_at);

		if (written < 0 && errno == EAGAIN)
			return;
		if (written < 0 && errno != EINTR)
			exit(0); /* The runner is gone. */
		if (written > 0)
			report_at += (size_t)written;
	}
	report_at = report_bytes = 0;
}

static size_t room(void)
{
	return sizeof(reports) - report_bytes;
}

/* Those who report look for room first, except for the small reports, which have three records' worth of it. */
static void report(uint32_t run, enum report kind, const void *bytes, size_t length)
{
	uint32_t header[2] = { run, (uint32_t)length << 8 | kind };

	if (report_at > 0) {
		memmove(reports, reports + report_at, report_bytes - report_at);
		report_bytes -= report_at;
		report_at = 0;
	}
	if (room() < sizeof(header) + length)
		fail("pty-relay: the runner reads no reports");
	memcpy(reports + report_bytes, header, sizeof(header));
	memcpy(reports + report_bytes + sizeof(header), bytes, length);
	report_bytes += sizeof(header) + length;
}

static void report_number(uint32_t run, enum report kind, int32_t number)
{
	report(run, kind, &number, sizeof(number));
}

static void report_output(struct terminal *terminal)
{
	if (terminal->gathered_bytes > 0)
		report(terminal->run, OUTPUT, terminal->gathered, terminal->gathered_bytes);
	free(terminal->gathered);
	terminal->gathered = NULL;
	terminal->gathered_bytes = 0;
}

static void watch(struct terminal *terminal, uint32_t wanted)
{
	struct epoll_event event = { .events = wanted, .data.ptr = terminal };
	int change = !terminal->watched ? EPOLL_CTL_ADD : wanted ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;

	if (wanted == terminal->watched)
		return;
	if (epoll_ctl(ready_terminals, change, terminal->fd, &event) != 0)
		fail("epoll_ctl");
	terminal->watched = wanted;
}

/* A terminal that hung up is always ready, with nothing to give. */
static void watch_as_needed(struct terminal *terminal)
{
	uint32_t in = terminal->paused ? 0 : EPOLLIN;
	uint32_t out = terminal->typed ? EPOLLOUT : 0;

	watch(terminal, terminal->hung_up ? 0 : in | out);
}

/* Takes what there is, up to GATHER_BYTES. */
static void gather(struct terminal *terminal)
{
	int errno_of_read;
	ssize_t bytes;

	if (!terminal->gathered) {
		terminal->gathered = malloc(GATHER_BYTES);
		if (!terminal->gathered)
			fail("malloc");
		terminal->gathered_since_ms = now_ms();
	}
	bytes = read(terminal->fd, terminal->gathered + terminal->gathered_bytes, GATHER_BYTES - terminal->gathered_bytes);
	errno_of_read = errno;
	if (bytes > 0)
		terminal->gathered_bytes += (size_t)bytes;
	if (bytes < LITTLE_BYTES || terminal->gathered_bytes == GATHER_BYTES)
		report_output(terminal);
	/* EIO: nobody has the terminal open any more (the kernel's drivers/tty/tty_io.c). */
	terminal->hung_up = bytes == 0 || (bytes < 0 && errno_of_read != EAGAIN && errno_of_read != EINTR);
}

static int has_room(void)
{
	return room() > 2 * (HEADER_BYTES + GATHER_BYTES);
}

static void drop(struct terminal *terminal)
{
	struct terminal **place = &terminals;

	while (*place != terminal)
		place = &(*place)->next;
	*place = terminal->next;
	/* A child that has not become its program yet has a copy of it, and closing alone would leave it watched. */
	watch(terminal, 0);
	close(terminal->fd);
	free(terminal->gathered);
	free(terminal->typed);
	free(terminal);
}

/* The kernel hangs a terminal up when the process ends that was started on it, also where others still have it open. */
static void drop_when_over(struct terminal *terminal)
{
	if (!terminal->exited || !terminal->hung_up)
		return;
	report_number(terminal->run, EXITED, terminal->status);
	drop(terminal);
}

static void give_typed(struct terminal *terminal)
{
	ssize_t written = write(terminal->fd, terminal->typed + terminal->typed_at, terminal->typed_bytes - terminal->typed_at);

	if (written < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* A terminal that nobody has open takes everything. */
	terminal->typed_at = written < 0 ? terminal->typed_bytes : terminal->typed_at + (size_t)written;
	if (terminal->typed_at < terminal->typed_bytes)
		return;
	report_number(terminal->run, TAKEN, (int32_t)terminal->typed_bytes);
	free(terminal->typed);
	terminal->typed = NULL;
}

/* As a terminal usually is, and its Backspace erases whole characters (termios(3), IUTF8). */
static void set_modes(int fd)
{
	struct termios modes;

	if (tcgetattr(fd, &modes) != 0)
		fail("tcgetattr");
	modes.c_iflag = ICRNL | IXON | IXANY | IMAXBEL | BRKINT | IUTF8;
	modes.c_oflag = OPOST | ONLCR;
	modes.c_cflag = CREAD | CS8 | HUPCL;
	modes.c_lflag = ICANON | ISIG | IEXTEN | ECHO | ECHOE | ECHOK | ECHOKE | ECHOCTL;
	cfsetispeed(&modes, B38400);
	cfsetospeed(&modes, B38400);
	if (tcsetattr(fd, TCSANOW, &modes) != 0)
		fail("tcsetattr");
}

static void be_program(int terminal, char **arguments)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	if (ioctl(terminal, TIOCSCTTY, 0) != 0 || dup2(terminal, 0) < 0 || dup2(terminal, 1) < 0 || dup2(terminal, 2) < 0)
		_exit(126);
	execv(arguments[0], arguments);
	perror(arguments[0]);
	_exit(127);
}

static struct winsize size_from(const char *payload)
{
	uint16_t size[2];

	memcpy(size, payload, sizeof(size));
	return (struct winsize){ .ws_col = size[0], .ws_row = size[1] };
}

/* Gives 0, or errno. */
static int start(uint32_t run, char *payload, size_t length)
{
	struct winsize size = size_from(payload);
	char *arguments[MAX_ARGUMENTS + 1];
	size_t count = 0;
	struct terminal *terminal = calloc(1, sizeof(*terminal));
	int slave = -1;
	int fault;

	for (char *next = payload + 4; next < payload + length && count < MAX_ARGUMENTS; next += strlen(next) + 1)
		arguments[count++] = next;
	arguments[count] = NULL;
	if (!terminal)
		return ENOMEM;
	terminal->run = run;
	terminal->fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (terminal->fd < 0 || grantpt(terminal->fd) != 0 || unlockpt(terminal->fd) != 0)
		goto failed;
	slave = ioctl(terminal->fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		goto failed;
	set_modes(slave);
	ioctl(terminal->fd, TIOCSWINSZ, &size);
	terminal->pid = fork();
	if (terminal->pid < 0)
		goto failed;
	if (terminal->pid == 0)
		be_program(slave, arguments);
	close(slave);
	terminal->next = terminals;
	terminals = terminal;
	watch_as_needed(terminal);
	return 0;
failed:
	fault = errno;
	if (slave >= 0)
		close(slave);
	if (terminal->fd >= 0)
		close(terminal->fd);
	free(terminal);
	return fault;
}

static void carry_out(uint32_t run, enum request kind, char *payload, size_t length)
{
	struct terminal *terminal = terminals;
	struct winsize size;

	if (kind == START) {
		int fault = length < 5 || payload[length - 1] != '\0' ? EINVAL : start(run, payload, length);
		int32_t told[2] = { -1, fault };

		if (fault != 0)
			report(run, EXITED, told, sizeof(told));
		return;
	}
	while (terminal && terminal->run != run)
		terminal = terminal->next;
	/* Its end was on the way. */
	if (!terminal)
		return;
	switch (kind) {
	case INPUT:
		if (terminal->typed)
			return;
		terminal->typed = malloc(length);
		if (!terminal->typed)
			fail("malloc");
		memcpy(terminal->typed, payload, length);
		terminal->typed_bytes = length;
		terminal->typed_at = 0;
		give_typed(terminal);
		watch_as_needed(terminal);
		return;
	case RESIZE:
		if (length != 4)
			return;
		size = size_from(payload);
		ioctl(terminal->fd, TIOCSWINSZ, &size);
		return;
	case PAUSE:
	case RESUME:
		terminal->paused = kind == PAUSE;
		watch_as_needed(terminal);
		return;
	case SIGNAL:
		if (length == 1 && !terminal->exited)
			kill(terminal->pid, payload[0]);
		return;
	case CLOSE:
		if (!terminal->exited)
			kill(terminal->pid, SIGKILL);
		drop(terminal);
		return;
	case START:
		return;
	}
}

static void take_requests(void)
{
	ssize_t bytes = read(STDIN_FILENO, requests + request_bytes, sizeof(requests) - request_bytes);
	size_t at = 0;

	if (bytes == 0)
		exit(0);
	if (bytes < 0)
		return;
	request_bytes += (size_t)bytes;
	for (;;) {
		uint32_t header[2];
		size_t length;

		if (request_bytes - at < sizeof(header))
			break;
		memcpy(header, requests + at, sizeof(header));
		length = header[1] >> 8;
		if (length > MAX_RECORD_BYTES)
			fail("pty-relay: a record is too long");
		if (request_bytes - at < sizeof(header) + length)
			break;
		carry_out(header[0], header[1] & 0xff, requests + at + sizeof(header), length);
		at += sizeof(header) + length;
	}
	memmove(requests, requests + at, request_bytes - at);
	request_bytes -= at;
}

static void take_ends(void)
{
	int status;
	pid_t pid;

	while (has_room()) {
		struct terminal *terminal = terminals;

		pid = waitpid(-1, &status, WNOHANG);
		if (pid <= 0) {
			children_ended = 0;
			return;
		}
		while (terminal && (terminal->exited || terminal->pid != pid))
			terminal = terminal->next;
		if (!terminal)
			continue;
		terminal->exited = 1;
		terminal->status = status;
		drop_when_over(terminal);
	}
}

static void serve_terminals(void)
{
	struct epoll_event ready[64];
	int count = epoll_wait(ready_terminals, ready, 64, 0);

	for (int i = 0; i < count && has_room(); i++) {
		struct terminal *terminal = ready[i].data.ptr;

		if (ready[i].events & EPOLLOUT && terminal->typed)
			give_typed(terminal);
		if (ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
			gather(terminal);
		watch_as_needed(terminal);
		drop_when_over(terminal);
	}
}

/* Gives how long nothing need be done for what is gathered, for poll(2). */
static int pass_on_gathered(void)
{
	int64_t now = now_ms();
	int wait_ms = -1;

	for (struct terminal *terminal = terminals; terminal && has_room(); terminal = terminal->next) {
		if (!terminal->gathered)
			continue;
		if (now - terminal->gathered_since_ms < GATHER_MS)
			wait_ms = GATHER_MS;
		else
			report_output(terminal);
	}
	return wait_ms;
}

int main(void)
{
	struct signalfd_siginfo ignored[8];
	sigset_t handled;
	int signals;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&handled);
	sigaddset(&handled, SIGCHLD);
	sigprocmask(SIG_BLOCK, &handled, NULL);
	signals = signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK);
	ready_terminals = epoll_create1(EPOLL_CLOEXEC);
	if (signals < 0 || ready_terminals < 0)
		fail("pty-relay");
	if (fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK) != 0 || fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK) != 0)
		fail("fcntl");

	for (;;) {
		int wait_ms = pass_on_gathered();

		write_reports();
		/* A runner that reads nothing is waited for: its programs wait too. */
		struct pollfd fds[] = {
			{ .fd = report_bytes > 0 ? STDOUT_FILENO : -1, .events = POLLOUT },
			{ .fd = has_room() ? STDIN_FILENO : -1, .events = POLLIN },
			{ .fd = has_room() ? signals : -1, .events = POLLIN },
			{ .fd = has_room() ? ready_terminals : -1, .events = POLLIN },
		};
		if (poll(fds, sizeof(fds) / sizeof(fds[0]), has_room() && children_ended ? 0 : wait_ms) < 0 && errno != EINTR)
			fail("poll");
		if (fds[3].revents)
			serve_terminals();
		if (fds[2].revents && read(signals, ignored, sizeof(ignored)) > 0)
			children_ended = 1;
		if (children_ended)
			take_ends();
		if (fds[1].revents)
			take_requests();
	}
}
