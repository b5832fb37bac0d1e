/*
 * device-service
 *
 * Serves the listeners that device-listen opened: 3 speaks the hello protocol (a line in, a line out), 4 is an HTTP
 * check that answers whether it was reached by Multipath TCP. For each connection it tells on standard output, one line
 * of JSON each, what the kernel says of it: when it opens, when that changes, and when it closes. Standard input is the
 * runner's: at its end, this ends.
 *
 * Whoever reaches the machine can connect, so everything has a bound: connections, of one peer and in all, at a time and
 * each second, bytes and seconds of a request, requests of a connection.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <linux/mptcp.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef SOL_MPTCP
#define SOL_MPTCP 284
#endif
#define TCP_IS_MPTCP_OPTION 43 /* linux/tcp.h, since Linux 6.10 */

enum { HELLO_FD = 3, HTTP_FD = 4, NETSTAT_FD = 5 };
enum {
	MAX_CONNECTIONS = 128,
	MAX_CONNECTIONS_OF_PEER = 16,
	MAX_ACCEPTS_A_TURN = 64,
	/* New connections: at once, and as many each second from then on. Of all, and of the peers that share a bucket. */
	BURST = 256, PER_SECOND = 64,
	BURST_OF_PEER = 32, PER_SECOND_OF_PEER = 8, PEER_BUCKETS = 256,
	MAX_SUBFLOWS = 8,
	MAX_REQUESTS = 100,
	MAX_LINE_BYTES = 256,
	MAX_REQUEST_BYTES = 4096,
	IDLE_MS = 15000,
	LIFE_MS = 120000,
	/* After the last answer, for the peer to close. */
	DRAIN_MS = 5000,
	LOOK_EVERY_MS = 200,
	TELL_REFUSED_EVERY_MS = 1000,
};

enum service { HELLO, HTTP };
static const char *const service_names[] = { "hello", "http" };

struct flow { char local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN]; int local_port, remote_port; };

/* What the kernel says; -1 where this kernel does not say it. */
struct evidence { int protocol, is_mptcp, fallback, rtt_us; int subflow_count; struct flow subflows[MAX_SUBFLOWS]; };

struct connection {
	int fd; /* -1: free */
	unsigned id;
	enum service service;
	bool draining, told_open;
	long long opened_ms, active_ms;
	struct flow flow;
	struct evidence seen;
	unsigned requests, received, sent;
	size_t used;
	char buffer[MAX_REQUEST_BYTES + 1];
};

static struct connection connections[MAX_CONNECTIONS];
static unsigned last_id, refused;
static long long refused_told_ms;

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* ---- one line of JSON ---- */

static char line[4096];
static size_t line_used;

__attribute__((format(printf, 1, 2))) static void add(const char *format, ...)
{
	va_list values;
	int length;

	va_start(values, format);
	length = vsnprintf(line + line_used, sizeof(line) - line_used, format, values);
	va_end(values);
	if (length > 0 && line_used + length < sizeof(line))
		line_used += length;
}

static void tell(void)
{
	add("\n");
	for (size_t at = 0; at < line_used;) {
		ssize_t written = write(STDOUT_FILENO, line + at, line_used - at);

		if (written < 0 && errno != EINTR)
			exit(1);
		at += written > 0 ? written : 0;
	}
	line_used = 0;
}

/* 1, 0, or null for what is not known. */
static void add_flag(const char *name, int value)
{
	if (value < 0)
		add(",\"%s\":null", name);
	else
		add(",\"%s\":%s", name, value ? "true" : "false");
}

/* ---- what the kernel says ---- */

/* An IPv4 peer of an IPv6 socket is shown as what it is. */
static int address_text(const struct sockaddr_storage *address, char *text)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;

	if (address->ss_family == AF_INET)
		inet_ntop(AF_INET, &v4->sin_addr, text, INET6_ADDRSTRLEN);
	else if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], text, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, &v6->sin6_addr, text, INET6_ADDRSTRLEN);
	/* Both families have the port at the same place. */
	return ntohs(v4->sin_port);
}

static struct flow flow_of(int fd)
{
	struct sockaddr_storage local = { 0 }, remote = { 0 };
	socklen_t length = sizeof(local);
	struct flow flow = { 0 };

	getsockname(fd, (struct sockaddr *)&local, &length);
	length = sizeof(remote);
	getpeername(fd, (struct sockaddr *)&remote, &length);
	flow.local_port = address_text(&local, flow.local);
	flow.remote_port = address_text(&remote, flow.remote);
	return flow;
}

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t length = sizeof(value);

	return getsockopt(fd, level, name, &value, &length) == 0 ? value : -1;
}

static void add_subflow(struct evidence *seen, const struct flow *flow)
{
	/* One that is being closed has no addresses any more. */
	if (flow->remote_port == 0)
		return;
	for (int i = 0; i < seen->subflow_count; i++)
		if (seen->subflows[i].remote_port == flow->remote_port && strcmp(seen->subflows[i].remote, flow->remote) == 0)
			return;
	if (seen->subflow_count < MAX_SUBFLOWS)
		seen->subflows[seen->subflow_count++] = *flow;
}

/* Subflows that were there once stay in the list: at the end of a connection the kernel shows none. */
static void look_at_subflows(int fd, struct evidence *seen)
{
	struct {
		struct mptcp_subflow_data head;
		struct mptcp_subflow_addrs addresses[MAX_SUBFLOWS];
	} data = { .head = { .size_subflow_data = sizeof(data.head), .size_user = sizeof(data.addresses[0]) } };
	socklen_t length = sizeof(data);

	if (getsockopt(fd, SOL_MPTCP, MPTCP_SUBFLOW_ADDRS, &data, &length) != 0)
		return;
	for (unsigned i = 0; i < data.head.num_subflows && i < MAX_SUBFLOWS; i++) {
		struct sockaddr_storage local, remote;
		struct flow flow;

		memcpy(&local, &data.addresses[i].ss_local, sizeof(local));
		memcpy(&remote, &data.addresses[i].ss_remote, sizeof(remote));
		flow.local_port = address_text(&local, flow.local);
		flow.remote_port = address_text(&remote, flow.remote);
		add_subflow(seen, &flow);
	}
}

/* Returns whether anything changed that a person would want to know. */
static bool look(struct connection *connection)
{
	struct evidence *seen = &connection->seen, before = *seen;
	struct mptcp_info info = { 0 };
	struct tcp_info tcp = { 0 };
	socklen_t length = sizeof(info);
	int fd = connection->fd;

	/* An accepted socket is Multipath TCP, or plain TCP from the start (mptcp.dev); a later fallback does not show here. */
	seen->protocol = option(fd, SOL_SOCKET, SO_PROTOCOL);
	seen->is_mptcp = option(fd, IPPROTO_TCP, TCP_IS_MPTCP_OPTION);
	seen->fallback = -1;
	if (seen->protocol == IPPROTO_MPTCP) {
		if (getsockopt(fd, SOL_MPTCP, MPTCP_INFO, &info, &length) == 0)
			seen->fallback = (info.mptcpi_flags & MPTCP_INFO_FLAG_FALLBACK) != 0;
		else if (seen->is_mptcp == 0 || errno == EOPNOTSUPP)
			seen->fallback = 1;
		if (seen->fallback != 1)
			look_at_subflows(fd, seen);
	}
	length = sizeof(tcp);
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &tcp, &length) == 0 && tcp.tcpi_rtt > 0)
		seen->rtt_us = tcp.tcpi_rtt;
	return seen->is_mptcp != before.is_mptcp || seen->fallback != before.fallback || seen->subflow_count != before.subflow_count;
}

/* How often the third packet of a handshake came without the options (net/mptcp/mib.c), on all ports; -1 if not counted. */
static long fallback_acks(void)
{
	static char text[32768];
	size_t used = 0;
	ssize_t got;
	char *names, *values, *name_at, *value_at, *name, *value;

	while (used < sizeof(text) - 1 && (got = pread(NETSTAT_FD, text + used, sizeof(text) - 1 - used, used)) > 0)
		used += got;
	text[used] = '\0';
	names = strstr(text, "MPTcpExt:");
	values = names ? strstr(names + 1, "\nMPTcpExt:") : NULL;
	if (!values)
		return -1;
	*values++ = '\0';
	strtok_r(values, "\n", &value_at);
	name = strtok_r(names, " ", &name_at);
	value = strtok_r(values, " ", &value_at);
	while (name && value && strcmp(name, "MPCapableFallbackACK") != 0) {
		name = strtok_r(NULL, " ", &name_at);
		value = strtok_r(NULL, " ", &value_at);
	}
	return name && value ? atol(value) : -1;
}

/* ---- telling ---- */

static void tell_connection(const struct connection *connection, const char *event)
{
	const struct evidence *seen = &connection->seen;

	add("{\"event\":\"%s\",\"id\":%u,\"service\":\"%s\",\"peer\":\"%s\",\"port\":%d,\"local\":\"%s\"", event, connection->id,
	    service_names[connection->service], connection->flow.remote, connection->flow.remote_port, connection->flow.local);
	add(",\"openMs\":%lld,\"received\":%u,\"sent\":%u,\"requests\":%u", now_ms() - connection->opened_ms,
	    connection->received, connection->sent, connection->requests);
	add(",\"protocol\":%d", seen->protocol);
	add_flag("isMptcp", seen->is_mptcp);
	add_flag("fallback", seen->fallback);
	add(",\"rttUs\":%d,\"subflows\":[", seen->rtt_us);
	for (int i = 0; i < seen->subflow_count; i++)
		add("%s{\"local\":\"%s\",\"localPort\":%d,\"remote\":\"%s\",\"remotePort\":%d}", i > 0 ? "," : "",
		    seen->subflows[i].local, seen->subflows[i].local_port, seen->subflows[i].remote, seen->subflows[i].remote_port);
	add("]");
}

static void tell_change(const struct connection *connection, const char *event)
{
	tell_connection(connection, event);
	add("}");
	tell();
}

static void tell_refused(long long now)
{
	if (refused == 0 || now - refused_told_ms < TELL_REFUSED_EVERY_MS)
		return;
	add("{\"event\":\"refused\",\"connections\":%u}", refused);
	tell();
	refused = 0;
	refused_told_ms = now;
}

/* ---- serving ---- */

static void end(struct connection *connection)
{
	look(connection);
	tell_change(connection, "closed");
	close(connection->fd);
	connection->fd = -1;
}

/* What the peer has not taken in within the socket's buffer is not worth waiting for. */
static bool answer(struct connection *connection, const char *text, size_t length)
{
	ssize_t sent = send(connection->fd, text, length, MSG_NOSIGNAL);

	if (sent > 0)
		connection->sent += sent;
	return sent == (ssize_t)length;
}

static void drain(struct connection *connection)
{
	shutdown(connection->fd, SHUT_WR);
	connection->draining = true;
	connection->used = 0;
}

static void serve_hello(struct connection *connection)
{
	char text[INET6_ADDRSTRLEN + 32];
	int length;

	if (!memchr(connection->buffer, '\n', connection->used)) {
		if (connection->used >= MAX_LINE_BYTES)
			drain(connection);
		return;
	}
	connection->requests++;
	length = snprintf(text, sizeof(text), "hello %s, I am hello-mptcp\n", connection->flow.remote);
	answer(connection, text, length);
	drain(connection);
}

static bool answer_http(struct connection *connection, const char *status, const char *body, bool head, bool last)
{
	char text[512];
	int length = snprintf(text, sizeof(text),
	                      "HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %zu\r\n"
	                      "Cache-Control: no-store\r\nConnection: %s\r\n\r\n%s",
	                      status, strlen(body), last ? "close" : "keep-alive", head ? "" : body);
	bool taken = answer(connection, text, length);

	if (last || !taken)
		drain(connection);
	return taken && !last;
}

/* A header's value in the request, or NULL (RFC 9112, section 5). */
static const char *header(const char *request, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = strchr(request, '\n'); at; at = strchr(at, '\n')) {
		at++;
		if (strncasecmp(at, name, length) == 0 && at[length] == ':')
			return at + length + 1;
	}
	return NULL;
}

static bool value_has(const char *value, const char *word)
{
	size_t length = strlen(word);

	for (; value && *value && *value != '\n'; value++)
		if (strncasecmp(value, word, length) == 0)
			return true;
	return false;
}

/* One request, which ends with a zero byte. Returns whether the next one may follow. */
static bool serve_request(struct connection *connection, const char *request)
{
	char method[8] = "", version[16] = "";
	bool head, last;

	connection->requests++;
	if (sscanf(request, "%7[A-Z] %*s %15[HTP/.0-9]", method, version) != 2 || strncmp(version, "HTTP/1.", 7) != 0)
		return answer_http(connection, "400 Bad Request", "Expected a request of HTTP/1.1.\n", false, true);
	head = strcmp(method, "HEAD") == 0;
	if (!head && strcmp(method, "GET") != 0)
		return answer_http(connection, "405 Method Not Allowed", "Expected GET or HEAD.\n", false, true);
	last = strcmp(version, "HTTP/1.0") == 0 || value_has(header(request, "connection"), "close") ||
	       header(request, "content-length") || header(request, "transfer-encoding") ||
	       connection->requests >= MAX_REQUESTS;
	/* The request has come: a fallback with the first data has happened by now. */
	if (look(connection))
		tell_change(connection, "updated");
	if (connection->seen.protocol == IPPROTO_MPTCP && connection->seen.is_mptcp != 0 && connection->seen.fallback != 1)
		return answer_http(connection, "200 OK", "You are using MPTCP.\n", head, last);
	return answer_http(connection, "200 OK", "You are not using MPTCP.\n", head, last);
}

static void serve_http(struct connection *connection)
{
	for (;;) {
		char *end_of_head;
		size_t taken;

		connection->buffer[connection->used] = '\0';
		/* A zero byte has no place in a request's head; without this check it would hide the rest. */
		if (strlen(connection->buffer) < connection->used) {
			answer_http(connection, "400 Bad Request", "Expected text.\n", false, true);
			return;
		}
		end_of_head = strstr(connection->buffer, "\r\n\r\n");
		if (!end_of_head) {
			if (connection->used == MAX_REQUEST_BYTES)
				answer_http(connection, "431 Request Header Fields Too Large", "Expected at most 4096 bytes.\n", false, true);
			return;
		}
		*end_of_head = '\0';
		taken = end_of_head + 4 - connection->buffer;
		if (!serve_request(connection, connection->buffer))
			return;
		connection->used -= taken;
		memmove(connection->buffer, connection->buffer + taken, connection->used);
	}
}

static void receive(struct connection *connection, long long now)
{
	/* What comes after the last answer is read away. */
	size_t at = connection->draining ? 0 : connection->used;
	ssize_t got = recv(connection->fd, connection->buffer + at, MAX_REQUEST_BYTES - at, 0);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		end(connection);
		return;
	}
	connection->received += got;
	if (connection->draining)
		return;
	connection->active_ms = now;
	connection->used += got;
	if (connection->service == HELLO)
		serve_hello(connection);
	else
		serve_http(connection);
}

struct bucket { long long millitokens, filled_ms; };

/* Whether there is a token for one more; a new bucket is full. */
static bool take_token(struct bucket *bucket, int burst, int per_second, long long now)
{
	/* Tokens a second are as many thousandths a millisecond. */
	if (bucket->filled_ms == 0)
		bucket->millitokens = burst * 1000LL;
	else
		bucket->millitokens += (now - bucket->filled_ms) * per_second;
	if (bucket->millitokens > burst * 1000LL)
		bucket->millitokens = burst * 1000LL;
	bucket->filled_ms = now;
	if (bucket->millitokens < 1000)
		return false;
	bucket->millitokens -= 1000;
	return true;
}

/* Each connection costs the runner and the pages that watch a few messages: their number has a bound too. */
static bool in_time(const char *peer, long long now)
{
	static struct bucket of_all, of_peers[PEER_BUCKETS];
	unsigned hash = 5381;

	for (const char *at = peer; *at; at++)
		hash = hash * 33 + (unsigned char)*at;
	/* A rude peer is to use up its own share only. */
	return take_token(&of_peers[hash % PEER_BUCKETS], BURST_OF_PEER, PER_SECOND_OF_PEER, now) &&
	       take_token(&of_all, BURST, PER_SECOND, now);
}

/* Room for a newcomer: a free place, else the one that was silent longest. NULL when this peer has enough. */
static struct connection *place_for(const char *peer)
{
	struct connection *place = NULL, *quietest = NULL;
	int of_peer = 0;

	for (int i = 0; i < MAX_CONNECTIONS; i++) {
		struct connection *connection = &connections[i];

		if (connection->fd < 0) {
			place = connection;
			continue;
		}
		of_peer += strcmp(connection->flow.remote, peer) == 0;
		if (!quietest || connection->active_ms < quietest->active_ms)
			quietest = connection;
	}
	if (of_peer >= MAX_CONNECTIONS_OF_PEER)
		return NULL;
	if (!place) {
		end(quietest);
		place = quietest;
	}
	return place;
}

/* Returns whether the line of those that wait is empty. */
static bool accept_from(enum service service, long long now)
{
	for (int i = 0; i < MAX_ACCEPTS_A_TURN; i++) {
		int fd = accept4(service == HELLO ? HELLO_FD : HTTP_FD, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		struct connection *connection;
		struct flow flow;

		if (fd < 0)
			return errno == EAGAIN;
		flow = flow_of(fd);
		connection = in_time(flow.remote, now) ? place_for(flow.remote) : NULL;
		if (!connection) {
			refused++;
			close(fd);
			continue;
		}
		memset(connection, 0, offsetof(struct connection, buffer));
		connection->fd = fd;
		connection->id = ++last_id;
		connection->service = service;
		connection->opened_ms = connection->active_ms = now;
		connection->flow = flow;
		look(connection);
	}
	return false;
}

/*
 * A plain TCP connection on a Multipath TCP listener has one of two causes: its first packet asked for nothing, or its
 * third one came without the options, which the kernel counts. The count is of the whole network, so it is bounded from
 * both sides: what was counted for sure, and at most, since those connections came that are new now.
 */
static void accept_all(long long now)
{
	static long before_least = -1, before_most = -1;
	long start = fallback_acks(), finish;
	bool hello_empty = accept_from(HELLO, now), http_empty = accept_from(HTTP, now);
	int plain = 0;

	finish = fallback_acks();
	for (int i = 0; i < MAX_CONNECTIONS; i++)
		plain += connections[i].fd >= 0 && !connections[i].told_open && connections[i].seen.protocol == IPPROTO_TCP;
	for (int i = 0; i < MAX_CONNECTIONS; i++) {
		struct connection *connection = &connections[i];

		if (connection->fd < 0 || connection->told_open)
			continue;
		connection->told_open = true;
		tell_connection(connection, "opened");
		if (connection->seen.protocol == IPPROTO_TCP && start >= 0 && before_most >= 0)
			add(",\"strippedAcks\":{\"least\":%ld,\"most\":%ld,\"among\":%d}", start > before_most ? start - before_most : 0,
			    finish - before_least, plain);
		add("}");
		tell();
	}
	if (hello_empty && http_empty) {
		before_least = start;
		before_most = finish;
	}
}

static void end_overdue(long long now)
{
	for (int i = 0; i < MAX_CONNECTIONS; i++) {
		struct connection *connection = &connections[i];
		long long idle_ms = now - connection->active_ms;

		if (connection->fd < 0)
			continue;
		if (idle_ms > (connection->draining ? DRAIN_MS : IDLE_MS) || now - connection->opened_ms > LIFE_MS)
			end(connection);
		else if (look(connection))
			tell_change(connection, "updated");
	}
}

static int port_of(int fd)
{
	struct sockaddr_storage address = { 0 };
	socklen_t length = sizeof(address);
	char text[INET6_ADDRSTRLEN];

	return getsockname(fd, (struct sockaddr *)&address, &length) == 0 ? address_text(&address, text) : 0;
}

int main(void)
{
	static struct pollfd polled[MAX_CONNECTIONS + 3];
	long long looked_ms = 0;

	for (int i = 0; i < MAX_CONNECTIONS; i++)
		connections[i].fd = -1;
	add("{\"event\":\"listening\",\"helloPort\":%d,\"httpPort\":%d}", port_of(HELLO_FD), port_of(HTTP_FD));
	tell();
	accept_all(now_ms());

	for (;;) {
		bool any = refused > 0;
		long long now;

		polled[0] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
		polled[1] = (struct pollfd){ .fd = HELLO_FD, .events = POLLIN };
		polled[2] = (struct pollfd){ .fd = HTTP_FD, .events = POLLIN };
		for (int i = 0; i < MAX_CONNECTIONS; i++) {
			polled[3 + i] = (struct pollfd){ .fd = connections[i].fd, .events = POLLIN };
			any |= connections[i].fd >= 0;
		}
		if (poll(polled, MAX_CONNECTIONS + 3, any ? LOOK_EVERY_MS : -1) < 0 && errno != EINTR)
			return 1;
		/* The runner never writes: input means its end. */
		if (polled[0].revents)
			return 0;
		now = now_ms();
		for (int i = 0; i < MAX_CONNECTIONS; i++)
			if (connections[i].fd >= 0 && polled[3 + i].revents)
				receive(&connections[i], now);
		if (polled[1].revents || polled[2].revents)
			accept_all(now);
		if (now - looked_ms >= LOOK_EVERY_MS) {
			looked_ms = now;
			end_overdue(now);
			tell_refused(now);
		}
	}
}
