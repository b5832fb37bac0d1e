require "socket"

IPPROTO_MPTCP = 262

# A Multipath TCP socket, or a TCP socket where there is none.
def stream_socket
  Socket.new(:INET, :STREAM, IPPROTO_MPTCP)
rescue Errno::EINVAL, Errno::EPROTONOSUPPORT, Errno::ENOPROTOOPT => error
  puts "no Multipath TCP here (#{error.message}), so TCP"
  Socket.new(:INET, :STREAM)
end

$stdout.sync = true # show each line at once

listener = stream_socket
listener.setsockopt(:SOCKET, :REUSEADDR, true)
listener.bind(Addrinfo.tcp("0.0.0.0", 8262))
listener.listen(Socket::SOMAXCONN)
puts "listening on port 8262"

# A Multipath TCP listener takes TCP clients too, so nobody is shut out.
loop do
  connection, peer = listener.accept
  line = connection.gets
  puts "#{peer.ip_address} says: #{line}"
  connection.puts "hello #{peer.ip_address}, I am ruby"
rescue SystemCallError => error
  puts error.message # this client left early; the next one is welcome
ensure
  connection&.close
end
