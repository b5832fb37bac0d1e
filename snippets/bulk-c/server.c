#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262 /* glibc before 2.32 */
#endif

#define FNV_BASIS 0xcbf29ce484222325

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

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* FNV-1a, 64 bits. */
static uint64_t hash(uint64_t so_far, const unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		so_far = (so_far ^ bytes[i]) * 0x100000001b3;
	return so_far;
}

/* Takes in all that arrives, tells the rate about once a second, and answers with count and hash. */
static void serve(int fd, const char *name)
{
	unsigned char block[65536];
	uint64_t received = FNV_BASIS, total = 0, told = 0;
	double start = seconds_now(), told_at = start;
	ssize_t length;

	while ((length = recv(fd, block, sizeof(block), 0)) > 0) {
		double now = seconds_now();

		received = hash(received, block, length);
		total += length;
		if (now >= told_at + 1) {
			printf("%4.1f s: %.1f Mbit/s\n", now - start, (total - told) * 8 / 1e6 / (now - told_at));
			told = total;
			told_at = now;
		}
	}
	if (length < 0) {
		perror(name);
		return;
	}
	dprintf(fd, "%" PRIu64 " %" PRIx64 "\n", total, received);
	printf("%s sent %" PRIu64 " bytes, FNV-1a %016" PRIx64 "\n", name, total, received);
}

int main(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(8262) };
	struct sockaddr_in peer;
	int listener = stream_socket();

	/* A client that breaks off must not end the server. */
	signal(SIGPIPE, SIG_IGN);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listener, 16) != 0) {
		perror("port 8262");
		return 1;
	}
	printf("listening on port 8262\n");

	for (;;) {
		char name[INET_ADDRSTRLEN];
		socklen_t length = sizeof(peer);
		int fd = accept(listener, (struct sockaddr *)&peer, &length);

		if (fd < 0)
			continue;
		inet_ntop(AF_INET, &peer.sin_addr, name, sizeof(name));
		serve(fd, name);
		close(fd);
	}
}
