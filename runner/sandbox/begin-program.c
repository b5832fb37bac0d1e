/*
 * begin-program LIMIT=SOFT[:HARD]... -- COMMAND...
 *
 * The last step inside a sandbox: what `env --default-signal` and prlimit(1) would do, by one start of a program instead of
 * three. Each limit is one of setrlimit(2), named as prlimit(1) does. SIGINT, SIGQUIT and SIGTERM, which the sandbox around
 * it ignores, get their usual meaning again. Those that stop a program stay ignored: nobody could continue it, unless it is
 * a shell, which sets them itself.
 *
 * It is started by a descriptor of its own file (see pty-steps.c), and closes all that it has inherited.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct { const char *name; int resource; } known[] = {
	{ "nproc", RLIMIT_NPROC }, { "nofile", RLIMIT_NOFILE },         { "fsize", RLIMIT_FSIZE },
	{ "data", RLIMIT_DATA },   { "sigpending", RLIMIT_SIGPENDING }, { "cpu", RLIMIT_CPU },
};

static const int with_usual_meaning[] = { SIGINT, SIGQUIT, SIGTERM };

/* Without its limits no program runs. */
static void limit(char *text)
{
	char *value = strchr(text, '='), *hard = value ? strchr(value, ':') : NULL;

	for (size_t i = 0; value && i < sizeof(known) / sizeof(known[0]); i++) {
		struct rlimit both;

		if (strncmp(text, known[i].name, value - text) != 0 || known[i].name[value - text] != '\0')
			continue;
		both.rlim_cur = strtoull(value + 1, NULL, 10);
		both.rlim_max = hard ? strtoull(hard + 1, NULL, 10) : both.rlim_cur;
		if (setrlimit(known[i].resource, &both) == 0)
			return;
		perror(text);
		exit(125);
	}
	fprintf(stderr, "begin-program: expected a limit, found %s\n", text);
	exit(125);
}

int main(int argc, char **argv)
{
	int next = 1;

	for (; next < argc && strcmp(argv[next], "--") != 0; next++)
		limit(argv[next]);
	if (++next >= argc) {
		fprintf(stderr, "usage: begin-program LIMIT=SOFT[:HARD]... -- COMMAND...\n");
		return 125;
	}
	if (close_range(STDERR_FILENO + 1, ~0U, 0) != 0) {
		perror("close_range");
		return 125;
	}
	for (size_t i = 0; i < sizeof(with_usual_meaning) / sizeof(with_usual_meaning[0]); i++)
		signal(with_usual_meaning[i], SIG_DFL);
	execvp(argv[next], argv + next);
	perror(argv[next]);
	/* As shells tell it. */
	return errno == ENOENT ? 127 : 126;
}
