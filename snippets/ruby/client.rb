require "socket"

IPPROTO_MPTCP = 262 # Ruby has no name for it

# A Multipath TCP socket, or a TCP socket where there is none.
def stream_socket
  # The one change: the third argument.
  Socket.new(:INET, :STREAM, IPPROTO_MPTCP)
rescue Errno::EINVAL,              # a kernel before 5.6
       Errno::EPROTONOSUPPORT,     # built without it
       Errno::ENOPROTOOPT => error # switched off: net.mptcp.enabled=0
  puts "no Multipath TCP here (#{error.message}), so TCP"
  Socket.new(:INET, :STREAM)
end

connection = stream_socket
connection.connect(Addrinfo.getaddrinfo("server.lab", 8262, :INET, :STREAM).first)
connection.puts "hello from ruby"
puts connection.gets
connection.close
