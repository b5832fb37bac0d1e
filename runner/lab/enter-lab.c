/*
 * enter-lab [-u UID] [-n NICE] [-g CGROUP_PROCS]... HOLDER_PID HOST COMMAND...
 *
 * Runs COMMAND in a lab, on one of its hosts: what setpriv(1) and nsenter(1) would do, without their start-up time. It
 * stays in the caller's pid namespace; the children of COMMAND are in the lab's. -u is the uid that the lab belongs to.
 *
 * -g puts it into a control group, by a file cgroup.procs. The kernel takes about 10 ms for that, in which COMMAND may
 * start already: a second process moves it, and then what it has started. Descriptor 8 can be read from once all of them
 * are in, and gives end of file from the second time on: `bwrap --block-fd 8` holds the program back until then.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void fail(const char *what)
{
	perror(what);
	exit(125);
}

static int open_of_lab(const char *pid, const char *path)
{
	char name[256];
	int fd;

	snprintf(name, sizeof(name), "/proc/%s/%s", pid, path);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail(name);
	return fd;
}

#define MAX_GROUPS 8
#define JOINED_FD 8

static int groups[MAX_GROUPS];
static size_t group_count;

/* First the process, then its children: those that it starts from then on are in the groups already. */
static int move_tree(pid_t pid)
{
	char text[64];
	FILE *children;
	int child, moved = 1;

	snprintf(text, sizeof(text), "%d", pid);
	for (size_t i = 0; i < group_count; i++)
		if (write(groups[i], text, strlen(text)) < 0)
			return 0;
	snprintf(text, sizeof(text), "/proc/%d/task/%d/children", pid, pid);
	children = fopen(text, "re");
	if (!children)
		return 0;
	while (moved && fscanf(children, "%d", &child) == 1)
		moved = move_tree(child);
	fclose(children);
	return moved;
}

/* Out of its groups nothing may run: when they cannot be joined, the caller is killed. */
static void join_groups(void)
{
	pid_t self = getpid();
	int joined[2];
	pid_t mover;

	if (pipe(joined) != 0 || (mover = fork()) < 0)
		fail("enter-lab");
	if (mover == 0) {
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		close(STDERR_FILENO);
		close(joined[0]);
		if (!move_tree(self) || write(joined[1], "", 1) != 1)
			kill(self, SIGKILL);
		_exit(0);
	}
	close(joined[1]);
	for (size_t i = 0; i < group_count; i++)
		close(groups[i]);
	if (joined[0] != JOINED_FD && (dup2(joined[0], JOINED_FD) < 0 || close(joined[0]) != 0))
		fail("enter-lab");
}

int main(int argc, char **argv)
{
	const struct { const char *path; int type; } namespaces[] = {
		{ "ns/user", CLONE_NEWUSER }, { NULL, CLONE_NEWNET }, { "ns/pid", CLONE_NEWPID }, { "ns/mnt", CLONE_NEWNS },
	};
	const size_t count = sizeof(namespaces) / sizeof(namespaces[0]);
	int fds[sizeof(namespaces) / sizeof(namespaces[0])];
	uid_t uid = 0;
	char host[128];
	int option;

	/*
	 * One byte is less than any core file, and the only limit with which the kernel starts no core handler of the machine
	 * for a program that crashes (fs/coredump.c). A lab's program cannot change it (runner/sandbox/seccomp/policy.ts).
	 */
	if (setrlimit(RLIMIT_CORE, &(struct rlimit){ 1, 1 }) != 0)
		fail("setrlimit");
	/* What the runner was started with is not for a lab. */
	if (close_range(STDERR_FILENO + 1, ~0U, 0) != 0)
		fail("close_range");
	while ((option = getopt(argc, argv, "+u:n:g:")) != -1) {
		switch (option) {
		case 'u':
			uid = (uid_t)strtoul(optarg, NULL, 10);
			break;
		case 'n':
			if (setpriority(PRIO_PROCESS, 0, atoi(optarg)) != 0)
				fail("setpriority");
			break;
		case 'g':
			if (group_count == MAX_GROUPS || (groups[group_count++] = open(optarg, O_WRONLY | O_CLOEXEC)) < 0)
				fail(optarg);
			break;
		default:
			argc = 0;
		}
	}
	if (argc < optind + 3) {
		fprintf(stderr, "usage: enter-lab [-u UID] [-n NICE] [-g CGROUP_PROCS]... HOLDER_PID HOST COMMAND...\n");
		return 2;
	}
	argv += optind;
	if (group_count > 0)
		join_groups();
	/* Root inside its namespace, as a uid of its own outside: nothing of the lab belongs to the machine's root. */
	if (uid != 0 && (setgroups(0, NULL) != 0 || setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0))
		fail("setresuid");
	snprintf(host, sizeof(host), "root/run/netns/%s", argv[1]);
	for (size_t i = 0; i < count; i++)
		fds[i] = open_of_lab(argv[0], namespaces[i].path ? namespaces[i].path : host);
	for (size_t i = 0; i < count; i++)
		if (setns(fds[i], namespaces[i].type) != 0)
			fail("setns");
	if (chdir("/") != 0)
		fail("chdir");
	execv(argv[2], argv + 2);
	fail(argv[2]);
}
