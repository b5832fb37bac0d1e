#include <arpa/inet.h>
#include <cerrno>
#include <iostream>
#include <netinet/in.h>
#include <string>
#include <system_error>
#include <unistd.h>

// A Multipath TCP socket, or a TCP socket where there is none.
int stream_socket()
{
	if (int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP); fd >= 0)
		return fd;

	std::error_code error(errno, std::generic_category());
	if (error != std::errc::invalid_argument && error != std::errc::protocol_not_supported &&
	    error != std::errc::no_protocol_option)
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
	int listener = stream_socket();
	int on = 1;
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);

	sockaddr_in address{};
	address.sin_family = AF_INET;
	address.sin_port = htons(8262);
	if (bind(listener, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0 || listen(listener, 16) != 0)
		throw std::system_error(errno, std::generic_category(), "port 8262");
	std::cout << "listening on port 8262" << std::endl;

	// A Multipath TCP listener takes TCP clients too, so nobody is shut out.
	for (;;) {
		sockaddr_in peer{};
		socklen_t length = sizeof peer;
		int fd = accept(listener, reinterpret_cast<sockaddr *>(&peer), &length);
		if (fd < 0)
			continue;
		std::string name = inet_ntoa(peer.sin_addr);
		std::cout << name << " says: " << read_line(fd) << std::flush;
		std::string answer = "hello " + name + ", I am cpp\n";
		send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
		close(fd);
	}
}
