/*
 * pty-steps FILTER BEGIN MARK COMMAND... [MARK COMMAND...]...
 *
 * Runs commands one after the other on the terminal that is its standard input and output. After each one it writes MARK,
 * the exit status and a semicolon; after one that was killed, when the last process of it is gone. MARK is random and
 * known to the runner alone, so a program cannot forge it, and whoever has read it has read all that the command wrote:
 * node-pty would drop what is unread 200 ms after the end of its child, so this child stays until it is killed.
 *
 * FILTER is a file that each command can read once as its descriptor 9: the system call filter, for bwrap --seccomp.
 * BEGIN is a program that it can start as /proc/self/fd/10, also where no file of it is seen: begin-program in a sandbox.
 *
 *   SIGTERM  passed on to the command and its process group
 *   SIGUSR1  kill the command that runs
 *   SIGUSR2  start the next command; the first one needs no signal
 *
 * The command has a process group of its own, the terminal's foreground one: kill(0, SIGKILL) reaches a whole group,
 * also the part of it that is outside the caller's pid namespace, and must not end this program.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* Keys of the terminal are for the program. The sandbox around it (bwrap) must outlive them, and the runner's TERM. */
static const int for_the_program[] = { SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU };

#define FILTER_FD 9
#define BEGIN_FD 10

/* The command fails at once without it. */
static void give(const char *file, int flags, int fd)
{
	if (dup2(open(file, flags | O_CLOEXEC), fd) != fd) {
		perror(file);
		_exit(126);
	}
}

static int run(const char *filter, const char *begin, char **command, const sigset_t *handled)
{
	int status = 0;
	pid_t child = fork();

	if (child < 0)
		return 126;
	setpgid(child, child);
	if (child == 0) {
		tcsetpgrp(STDIN_FILENO, getpid());
		for (size_t i = 0; i < sizeof(for_the_program) / sizeof(for_the_program[0]); i++)
			signal(for_the_program[i], SIG_IGN);
		sigprocmask(SIG_UNBLOCK, handled, NULL);
		give(filter, O_RDONLY, FILTER_FD);
		give(begin, O_PATH, BEGIN_FD);
		execvp(command[0], command);
		perror(command[0]);
		_exit(127);
	}
	for (;;) {
		int received = sigwaitinfo(handled, NULL);

		if (received == SIGTERM)
			kill(-child, SIGTERM);
		if (received == SIGUSR1)
			kill(child, SIGKILL);
		/* enter-lab left a child too. */
		for (pid_t ended; received == SIGCHLD && (ended = waitpid(-1, &status, WNOHANG)) > 0;)
			if (ended == child)
				return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
}

/* The sandbox (bwrap) tells how its program ended while the kernel still ends the others in it. What they hold is not the
   next program's. The kernel takes its time to take a sandbox down, so it is waited for only where one was killed: for its
   memory, perhaps. */
static void wait_for_the_rest(void)
{
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

int main(int argc, char **argv)
{
	struct termios modes;
	sigset_t handled;
	const char *filter, *begin, *mark;
	char **next;

	/* After the change of uid, which would clear it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (argc < 5 || tcgetattr(STDIN_FILENO, &modes) != 0) {
		fprintf(stderr, "usage: pty-steps FILTER BEGIN MARK COMMAND... [MARK COMMAND...]... on a terminal\n");
		return 2;
	}
	/* A Backspace erases a whole character, of however many bytes (termios(3)). */
	modes.c_iflag |= IUTF8;
	tcsetattr(STDIN_FILENO, TCSANOW, &modes);
	filter = argv[1];
	begin = argv[2];
	mark = argv[3];
	sigemptyset(&handled);
	sigaddset(&handled, SIGCHLD);
	sigaddset(&handled, SIGTERM);
	sigaddset(&handled, SIGUSR1);
	sigaddset(&handled, SIGUSR2);
	sigprocmask(SIG_BLOCK, &handled, NULL);
	/* Back in the foreground after a command, and writing to a terminal that stops background writers. */
	signal(SIGTTOU, SIG_IGN);

	for (next = argv + 4;;) {
		char **command = next;
		int status;

		while (*next && strcmp(*next, mark) != 0)
			next++;
		if (*next)
			*next++ = NULL;
		status = run(filter, begin, command, &handled);
		if (status > 128)
			wait_for_the_rest();

		/* A program may have stopped the terminal's output, changed its modes, or taken its foreground away. */
		tcflow(STDOUT_FILENO, TCOON);
		tcsetattr(STDIN_FILENO, TCSANOW, &modes);
		tcsetpgrp(STDIN_FILENO, getpgrp());
		dprintf(STDOUT_FILENO, "%s%d;", mark, status);

		while (sigwaitinfo(&handled, NULL) != SIGUSR2 || !*next)
			;
	}
}
