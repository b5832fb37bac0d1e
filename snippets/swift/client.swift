import Glibc

let stream = CInt(SOCK_STREAM.rawValue)

/// A Multipath TCP socket, or a TCP socket where there is none.
func streamSocket() -> CInt {
    // The one change: the third argument.
    let descriptor = socket(AF_INET, stream, CInt(IPPROTO_MPTCP))
    let reason = errno
    // A kernel before 5.6, one built without it, net.mptcp.enabled=0.
    guard descriptor < 0, [EINVAL, EPROTONOSUPPORT, ENOPROTOOPT].contains(reason) else {
        return descriptor
    }
    print("no Multipath TCP here (\(String(cString: strerror(reason)))), so TCP")
    return socket(AF_INET, stream, CInt(IPPROTO_TCP))
}

func fail(_ what: String) -> Never {
    perror(what)
    exit(1)
}

var hints = addrinfo()
hints.ai_family = AF_INET
hints.ai_socktype = stream
var found: UnsafeMutablePointer<addrinfo>?
let error = getaddrinfo("server.lab", "8262", &hints, &found)
guard error == 0, let server = found?.pointee else {
    print("server.lab: \(String(cString: gai_strerror(error)))")
    exit(1)
}

let descriptor = streamSocket()
guard descriptor >= 0 else { fail("socket") }
guard connect(descriptor, server.ai_addr, server.ai_addrlen) == 0 else {
    fail("server.lab")
}
freeaddrinfo(found)

// From here on it is any descriptor, as for TCP.
let greeting = "hello from swift\n"
write(descriptor, greeting, greeting.utf8.count)
guard let connection = fdopen(descriptor, "r") else { fail("fdopen") }
var line = [CChar](repeating: 0, count: 256)
if fgets(&line, CInt(line.count), connection) != nil {
    print(String(cString: line), terminator: "")
}
