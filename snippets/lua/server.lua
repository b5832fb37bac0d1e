local errno = require "posix.errno"
local signal = require "posix.signal"
local socket = require "posix.sys.socket"
local stdio = require "posix.stdio"

local IPPROTO_MPTCP = 262
local NO_MPTCP = { [errno.EINVAL] = true, [errno.EPROTONOSUPPORT] = true, [errno.ENOPROTOOPT] = true }

-- A Multipath TCP socket, or a TCP socket where there is none.
local function stream_socket()
  local fd, message, code = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
  if not fd and NO_MPTCP[code] then
    print("no Multipath TCP here (" .. message .. "), so TCP")
    fd, message = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
  end
  return assert(fd, message)
end

io.stdout:setvbuf("line") -- show each line at once
signal.signal(signal.SIGPIPE, signal.SIG_IGN) -- a client that left is no reason to end

local listener = stream_socket()
assert(socket.setsockopt(listener, socket.SOL_SOCKET, socket.SO_REUSEADDR, 1))
assert(socket.bind(listener, { family = socket.AF_INET, addr = "0.0.0.0", port = 8262 }))
assert(socket.listen(listener, 16))
print("listening on port 8262")

-- A Multipath TCP listener takes TCP clients too, so nobody is shut out.
while true do
  local fd, peer = socket.accept(listener)
  if fd then
    local connection = assert(stdio.fdopen(fd, "r"))
    local line = connection:read("L")
    if line then
      io.write(peer.addr, " says: ", line)
      socket.send(fd, "hello " .. peer.addr .. ", I am lua\n")
    end
    connection:close()
  end
end
