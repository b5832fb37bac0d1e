/*
 * device-listen ADDRESS HELLO_PORT HTTP_PORT COMMAND...
 *
 * Opens the two Multipath TCP listeners on the machine's own network and becomes COMMAND, which inherits them:
 *
 *   3  listener of the hello service
 *   4  listener of the HTTP check service
 *   5  /proc/net/netstat of this network
 *
 * So COMMAND can be a sandbox without any network: it serves who comes in, and can reach nobody. ADDRESS is an IPv4 or
 * IPv6 address of this machine, or `*` for all of them. What fails is told as one line of JSON on standard output.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

enum { HELLO_FD = 3, HTTP_FD = 4, NETSTAT_FD = 5, SPARE_FD = 10, BACKLOG = 512 };

static int failed(const char *step, const char *service, int port)
{
	printf("{\"event\":\"failed\",\"step\":\"%s\",\"service\":\"%s\",\"port\":%d,\"error\":\"%s\"}\n",
	       step, service, port, strerrorname_np(errno));
	return 1;
}

/* Returns the length of the address, 0 for a text that is none. */
static socklen_t parse_address(const char *text, int port, struct sockaddr_storage *address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		return sizeof(*v6);
	}
	errno = EINVAL;
	return 0;
}

/* On failure -1, and *step says which call it was. */
static int open_listener(const char *text, int port, const char **step)
{
	struct sockaddr_storage address;
	socklen_t length = parse_address(text, port, &address);
	int fd, yes = 1, no = 0;

	*step = "address";
	if (length == 0)
		return -1;
	*step = "socket";
	fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_MPTCP);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	/* `::` is to take IPv4 too, whatever net.ipv6.bindv6only says. */
	if (address.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
	*step = "bind";
	if (bind(fd, (struct sockaddr *)&address, length) == 0) {
		*step = "listen";
		if (listen(fd, BACKLOG) == 0)
			return fd;
	}
	close(fd);
	return -1;
}

static int open_on(const char *text, int port, const char **step)
{
	int fd;

	if (strcmp(text, "*") != 0)
		return open_listener(text, port, step);
	fd = open_listener("::", port, step);
	/* A machine without IPv6. */
	if (fd < 0 && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL))
		fd = open_listener("0.0.0.0", port, step);
	return fd;
}

int main(int argc, char **argv)
{
	static const char *const services[] = { "hello", "http" };
	int opened[3];

	/* After the change of uid, which would clear it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc < 5) {
		fprintf(stderr, "usage: device-listen ADDRESS HELLO_PORT HTTP_PORT COMMAND...\n");
		return 2;
	}
	for (int i = 0; i < 2; i++) {
		const char *step = "";
		int port = atoi(argv[2 + i]);
		int fd = open_on(argv[1], port, &step);

		if (fd < 0)
			return failed(step, services[i], port);
		opened[i] = fcntl(fd, F_DUPFD_CLOEXEC, SPARE_FD);
		close(fd);
	}
	/* Opened here, it goes on to show this network, whichever network its reader is in. */
	opened[2] = open("/proc/self/net/netstat", O_RDONLY | O_CLOEXEC);
	if (opened[2] < 0)
		return failed("open", "netstat", 0);
	opened[2] = fcntl(opened[2], F_DUPFD_CLOEXEC, SPARE_FD);
	if (dup2(opened[0], HELLO_FD) < 0 || dup2(opened[1], HTTP_FD) < 0 || dup2(opened[2], NETSTAT_FD) < 0)
		return failed("dup2", "hello", 0);
	execvp(argv[4], argv + 4);
	return failed("exec", "hello", 0);
}
