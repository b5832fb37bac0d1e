/*
 * lab-shell
 *
 * The first process of a lab, on its standard input and output: does what the runner asks (lab/shell.ts), one request after
 * the other, and the lab ends with its input. A request is a line, then so many bytes; several words of them each end with a
 * zero byte. The answer is a line `ID STATUS BYTES`, then so many bytes: what was printed, errors among it, without the line
 * breaks at its end, as sh(1) takes it in.
 *
 *   do ID BYTES           a script for `sh -e`
 *   run ID BYTES HOST     a command with its arguments, on a host
 *   put ID BYTES FILE     the content of a file
 *   make ID BYTES         directories
 *   fill ID BYTES         two directories: the files of the first one are copied into the second one, which is new
 *   remove ID BYTES       directories, with all that is in them
 *
 * The last four are what each run needs: a process for it would take a busy machine two milliseconds. What is beyond them,
 * very deep directories and links, is left to cp(1) and rm(1).
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_DEPTH 16
#define MAX_WORDS 256

/* What the answer will carry. */
static char *output;
static size_t output_bytes, output_room;

static void keep(const char *bytes, size_t length)
{
	if (output_bytes + length > output_room) {
		output_room = 2 * (output_bytes + length);
		output = realloc(output, output_room);
		if (!output)
			abort();
	}
	memcpy(output + output_bytes, bytes, length);
	output_bytes += length;
}

/* A status that says that it did not work, with the reason. */
static int fault(const char *what)
{
	const char *why = strerror(errno);

	keep(what, strlen(what));
	keep(": ", 2);
	keep(why, strlen(why));
	keep("\n", 1);
	return 1;
}

/* Becomes the command; on a host, where one is given. */
static void become(const char *host, char **words)
{
	char path[128];
	int hosts_network;

	if (host) {
		snprintf(path, sizeof(path), "/run/netns/%s", host);
		hosts_network = open(path, O_RDONLY | O_CLOEXEC);
		if (hosts_network < 0 || setns(hosts_network, CLONE_NEWNET) != 0) {
			perror(path);
			_exit(126);
		}
	}
	execvp(words[0], words);
	perror(words[0]);
	_exit(127);
}

/* Takes in all that it prints, until nobody can print any more. */
static int run(const char *host, char **words)
{
	char block[16384];
	int printed[2], status;
	ssize_t length;
	pid_t child;

	if (pipe2(printed, O_CLOEXEC) != 0 || (child = fork()) < 0)
		return fault(words[0]);
	if (child == 0) {
		int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

		dup2(nothing, STDIN_FILENO);
		dup2(printed[1], STDOUT_FILENO);
		dup2(printed[1], STDERR_FILENO);
		become(host, words);
	}
	close(printed[1]);
	while ((length = read(printed[0], block, sizeof(block))) > 0 || (length < 0 && errno == EINTR))
		if (length > 0)
			keep(block, length);
	close(printed[0]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Nothing that is in the directory can lead out of it: no link is followed. */
static int remove_entries(int directory, int depth)
{
	DIR *entries = depth < MAX_DEPTH ? fdopendir(directory) : NULL;
	int failed = 0;

	if (!entries) {
		close(directory);
		return -1;
	}
	for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
		int inner;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(entries), entry->d_name, 0) == 0)
			continue;
		inner = openat(dirfd(entries), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (inner < 0 || remove_entries(inner, depth + 1) != 0 ||
		    unlinkat(dirfd(entries), entry->d_name, AT_REMOVEDIR) != 0)
			failed = -1;
	}
	closedir(entries);
	return failed;
}

static int remove_tree(char *path)
{
	int directory = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (directory >= 0 && remove_entries(directory, 0) == 0 && rmdir(path) == 0)
		return 0;
	return run(NULL, (char *[]){ "rm", "-rf", path, NULL });
}

static int copy_file(int from, int to, const char *name)
{
	int source = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), copy;
	struct stat about;
	off_t missing;

	if (source < 0)
		return -1;
	if (fstat(source, &about) != 0 || !S_ISREG(about.st_mode) ||
	    (copy = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, about.st_mode & 0777)) < 0) {
		close(source);
		return -1;
	}
	for (missing = about.st_size; missing > 0;) {
		ssize_t sent = sendfile(copy, source, NULL, missing);

		if (sent <= 0)
			break;
		missing -= sent;
	}
	close(source);
	return close(copy) == 0 && missing == 0 ? 0 : -1;
}

/* Only files: what has directories or links in it is copied by cp(1). */
static int fill(char *from, char *to)
{
	int source = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC), target = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = source < 0 ? NULL : fdopendir(source);
	int failed = target < 0 || !entries;
	char all[4096];

	for (struct dirent *entry; !failed && (entry = readdir(entries)) != NULL;)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			failed = copy_file(source, target, entry->d_name) != 0;
	if (entries)
		closedir(entries);
	else if (source >= 0)
		close(source);
	if (target >= 0)
		close(target);
	if (!failed)
		return 0;
	snprintf(all, sizeof(all), "%s/.", from);
	return run(NULL, (char *[]){ "cp", "-r", all, to, NULL });
}

/* Requests, as they come in. */
static char pending[65536];
static size_t pending_from, pending_to;

static size_t refill(void)
{
	ssize_t length;

	if (pending_from < pending_to)
		return pending_to - pending_from;
	while ((length = read(STDIN_FILENO, pending, sizeof(pending))) < 0 && errno == EINTR)
		;
	pending_from = 0;
	pending_to = length > 0 ? (size_t)length : 0;
	return pending_to;
}

/* The runner is gone, or wants the lab to end. */
static void end_with_input(size_t available)
{
	if (available == 0)
		exit(0);
}

static void read_line(char *line, size_t room)
{
	for (size_t length = 0;; length++) {
		end_with_input(refill());
		line[length < room ? length : room - 1] = pending[pending_from++];
		if (pending[pending_from - 1] == '\n') {
			line[length < room ? length : room - 1] = '\0';
			return;
		}
	}
}

static void read_bytes(size_t length, void (*take)(const char *bytes, size_t length, void *into), void *into)
{
	while (length > 0) {
		size_t part = refill();

		end_with_input(part);
		if (part > length)
			part = length;
		take(pending + pending_from, part, into);
		pending_from += part;
		length -= part;
	}
}

static void take_memory(const char *bytes, size_t length, void *into)
{
	char **end = into;

	memcpy(*end, bytes, length);
	*end += length;
}

struct file { int fd; int failure; };

static void take_file(const char *bytes, size_t length, void *into)
{
	struct file *file = into;

	while (length > 0 && file->failure == 0) {
		ssize_t written = write(file->fd, bytes, length);

		if (written < 0 && errno != EINTR)
			file->failure = errno;
		if (written > 0) {
			bytes += written;
			length -= written;
		}
	}
}

/* All of it is taken in, also where there is no room. */
static int put(const char *path, size_t length)
{
	struct file file = { .fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) };

	if (file.fd < 0)
		file.failure = errno;
	read_bytes(length, take_file, &file);
	if (file.fd >= 0 && close(file.fd) != 0 && file.failure == 0)
		file.failure = errno;
	errno = file.failure;
	return file.failure == 0 ? 0 : fault(path);
}

static int each(char **words, int (*carry_out)(char *path))
{
	int status = 0;

	for (; *words; words++)
		if (carry_out(*words) != 0)
			status = 1;
	return status;
}

static int make(char *path)
{
	return mkdir(path, 0755) == 0 ? 0 : fault(path);
}

static int answer_to(const char *verb, const char *rest, size_t length)
{
	char *content, *end, *words[MAX_WORDS + 1];
	size_t count = 0;
	int status;

	if (strcmp(verb, "put") == 0)
		return put(rest, length);
	content = end = malloc(length + 1);
	if (!content)
		abort();
	read_bytes(length, take_memory, &end);
	*end = '\0';
	for (char *word = content; word < end && count < MAX_WORDS; word += strlen(word) + 1)
		words[count++] = word;
	words[count] = NULL;
	if (strcmp(verb, "do") == 0)
		status = run(NULL, (char *[]){ "sh", "-ec", content, NULL });
	else if (strcmp(verb, "run") == 0 && count > 0)
		status = run(rest, words);
	else if (strcmp(verb, "make") == 0)
		status = each(words, make);
	else if (strcmp(verb, "remove") == 0)
		status = each(words, remove_tree);
	else if (strcmp(verb, "fill") == 0 && count == 2)
		status = fill(words[0], words[1]);
	else {
		errno = EINVAL;
		status = fault(verb);
	}
	free(content);
	return status;
}

static void write_all(const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(STDOUT_FILENO, bytes, length);

		if (written < 0 && errno != EINTR)
			exit(1);
		if (written > 0) {
			bytes += written;
			length -= written;
		}
	}
}

int main(void)
{
	setenv("LC_ALL", "C", 1);
	for (;;) {
		char line[4096], verb[16], head[64];
		unsigned long id;
		size_t length;
		int rest = 0, status;

		read_line(line, sizeof(line));
		if (sscanf(line, "%15s %lu %zu %n", verb, &id, &length, &rest) != 3)
			return 2;
		output_bytes = 0;
		status = answer_to(verb, line + rest, length);
		/* Those whose own parent is gone are the first process's. */
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		while (output_bytes > 0 && output[output_bytes - 1] == '\n')
			output_bytes--;
		snprintf(head, sizeof(head), "%lu %d %zu\n", id, status, output_bytes);
		write_all(head, strlen(head));
		write_all(output, output_bytes);
	}
}
