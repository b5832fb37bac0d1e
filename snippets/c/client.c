#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262 /* glibc before 2.32 */
#endif

/* A Multipath TCP socket, or a TCP socket where there is none. */
static int stream_socket(void)
{
	/* The one change: the third argument. */
	int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);

	if (fd < 0 && (errno == EINVAL ||          /* a kernel before 5.6 */
	               errno == EPROTONOSUPPORT || /* built without it */
	               errno == ENOPROTOOPT)) {    /* net.mptcp.enabled=0 */
		perror("no Multipath TCP here, so TCP");
		fd = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	}
	return fd;
}

int main(void)
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
	struct addrinfo *server;
	char line[256];
	FILE *connection;
	int fd = stream_socket();
	int error = getaddrinfo("server.lab", "8262", &hints, &server);

	if (error != 0) {
		fprintf(stderr, "server.lab: %s\n", gai_strerror(error));
		return 1;
	}
	if (fd < 0 || connect(fd, server->ai_addr, server->ai_addrlen) != 0) {
		perror("server.lab");
		return 1;
	}
	freeaddrinfo(server);

	dprintf(fd, "hello from c\n");
	connection = fdopen(fd, "r");
	if (connection && fgets(line, sizeof(line), connection))
		fputs(line, stdout);
	return 0;
}
