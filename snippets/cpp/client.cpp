#include <cerrno>
#include <iostream>
#include <netdb.h>
#include <netinet/in.h>
#include <string>
#include <system_error>
#include <unistd.h>

// A Multipath TCP socket, or a TCP socket where there is none.
int stream_socket()
{
	// The one change: the third argument.
	if (int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP); fd >= 0)
		return fd;

	std::error_code error(errno, std::generic_category());
	if (error != std::errc::invalid_argument &&       // EINVAL: a kernel before 5.6
	    error != std::errc::protocol_not_supported && // EPROTONOSUPPORT: built without it
	    error != std::errc::no_protocol_option)       // ENOPROTOOPT: net.mptcp.enabled=0
		throw std::system_error(error, "socket");
	std::cout << "no Multipath TCP here (" << error.message() << "), so TCP" << std::endl;
	return socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
}

std::string read_line(int fd)
{
	std::string line;
	for (char byte; !line.ends_with('\n') && recv(fd, &byte, 1, 0) == 1;)
		line += byte;
	return line;
}

int main()
{
	addrinfo hints{};
	hints.ai_family = AF_INET;
	hints.ai_socktype = SOCK_STREAM;
	addrinfo *server;
	if (int error = getaddrinfo("server.lab", "8262", &hints, &server); error != 0)
		throw std::runtime_error(gai_strerror(error));

	int fd = stream_socket();
	if (connect(fd, server->ai_addr, server->ai_addrlen) != 0)
		throw std::system_error(errno, std::generic_category(), "server.lab");
	freeaddrinfo(server);

	std::string hello = "hello from cpp\n";
	send(fd, hello.data(), hello.size(), 0);
	std::cout << read_line(fd);
	close(fd);
}
