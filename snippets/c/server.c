#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262 /* glibc before 2.32 */
#endif

/* A Multipath TCP socket, or a TCP socket where there is none. */
static int stream_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);

	if (fd < 0 && (errno == EINVAL || errno == EPROTONOSUPPORT || errno == ENOPROTOOPT)) {
		perror("no Multipath TCP here, so TCP");
		fd = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	}
	return fd;
}

int main(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(8262) };
	struct sockaddr_in peer;
	socklen_t length;
	int listener = stream_socket();

	/* A client that breaks off must not end the server. */
	signal(SIGPIPE, SIG_IGN);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listener, 16) != 0) {
		perror("port 8262");
		return 1;
	}
	printf("listening on port 8262\n");

	/* A Multipath TCP listener takes TCP clients too, so nobody is shut out. */
	for (;;) {
		char line[256], name[INET_ADDRSTRLEN];
		FILE *connection;
		int fd;

		length = sizeof(peer);
		fd = accept(listener, (struct sockaddr *)&peer, &length);
		connection = fd < 0 ? NULL : fdopen(fd, "r+");
		if (!connection)
			continue;
		inet_ntop(AF_INET, &peer.sin_addr, name, sizeof(name));
		if (fgets(line, sizeof(line), connection)) {
			printf("%s says: %s", name, line);
			dprintf(fd, "hello %s, I am c\n", name);
		}
		fclose(connection);
	}
}
