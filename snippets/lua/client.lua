local errno = require "posix.errno"
local socket = require "posix.sys.socket"
local stdio = require "posix.stdio"

local IPPROTO_MPTCP = 262 -- luaposix has no name for it

-- What socket() answers where Multipath TCP is not to be had:
local NO_MPTCP = {
  [errno.EINVAL] = true, -- a kernel before 5.6
  [errno.EPROTONOSUPPORT] = true, -- built without it
  [errno.ENOPROTOOPT] = true, -- switched off: net.mptcp.enabled=0
}

-- A Multipath TCP socket, or a TCP socket where there is none.
local function stream_socket()
  -- The one change: the third argument.
  local fd, message, code = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
  if not fd and NO_MPTCP[code] then
    print("no Multipath TCP here (" .. message .. "), so TCP")
    fd, message = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
  end
  return assert(fd, message)
end

local hints = { family = socket.AF_INET, socktype = socket.SOCK_STREAM }
local servers = assert(socket.getaddrinfo("server.lab", "8262", hints))

local fd = stream_socket()
assert(socket.connect(fd, servers[1]))
assert(socket.send(fd, "hello from lua\n"))

local connection = assert(stdio.fdopen(fd, "r")) -- for reading by lines
io.write(connection:read("L") or "")
connection:close()
