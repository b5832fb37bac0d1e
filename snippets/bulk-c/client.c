#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262 /* glibc before 2.32 */
#endif

#define SECONDS 5
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

/* FNV-1a, 64 bits: short, and enough to find an error that nobody made on purpose. */
static uint64_t hash(uint64_t so_far, const unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		so_far = (so_far ^ bytes[i]) * 0x100000001b3;
	return so_far;
}

/* Other bytes in each block: a xorshift generator. */
static void fill(uint64_t *words, size_t count)
{
	static uint64_t state = 88172645463325252;

	for (size_t i = 0; i < count; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		words[i] = state;
	}
}

/* All of it, however little the kernel takes at once. */
static int send_all(int fd, const unsigned char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t taken = send(fd, bytes, length, MSG_NOSIGNAL);

		if (taken < 0)
			return -1;
		bytes += taken;
		length -= taken;
	}
	return 0;
}

int main(void)
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
	struct addrinfo *server;
	uint64_t block[2048], sent = FNV_BASIS, received, total;
	double start, seconds;
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

	start = seconds_now();
	while (seconds_now() < start + SECONDS) {
		fill(block, 2048);
		if (send_all(fd, (unsigned char *)block, sizeof(block)) != 0) {
			perror("server.lab");
			return 1;
		}
		sent = hash(sent, (unsigned char *)block, sizeof(block));
	}

	/* No more data. The server answers once it has all of it. */
	shutdown(fd, SHUT_WR);
	connection = fdopen(fd, "r");
	if (!connection || fscanf(connection, "%" SCNu64 " %" SCNx64, &total, &received) != 2) {
		fprintf(stderr, "the server gave no answer\n");
		return 1;
	}
	seconds = seconds_now() - start;

	printf("%.1f MB in %.1f s: %.1f Mbit/s\n", total / 1e6, seconds, total * 8 / 1e6 / seconds);
	if (received != sent) {
		fprintf(stderr, "FNV-1a differs: something else arrived than was sent\n");
		return 1;
	}
	printf("FNV-1a is the same at both ends\n");
	return 0;
}
