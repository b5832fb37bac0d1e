import Glibc

let stream = CInt(SOCK_STREAM.rawValue)

/// A Multipath TCP socket, or a TCP socket where there is none.
func streamSocket() -> CInt {
    let descriptor = socket(AF_INET, stream, CInt(IPPROTO_MPTCP))
    let reason = errno
    guard descriptor < 0, [EINVAL, EPROTONOSUPPORT, ENOPROTOOPT].contains(reason) else {
        return descriptor
    }
    print("no Multipath TCP here (\(String(cString: strerror(reason)))), so TCP")
    return socket(AF_INET, stream, CInt(IPPROTO_TCP))
}

/// Calls with the address as the C functions take it: one type for every family.
func withGeneric<Result>(_ address: inout sockaddr_in, _ call: (UnsafeMutablePointer<sockaddr>) -> Result) -> Result {
    withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1, call)
    }
}

func fail(_ what: String) -> Never {
    perror(what)
    exit(1)
}

let length = socklen_t(MemoryLayout<sockaddr_in>.size)
var address = sockaddr_in()
address.sin_family = sa_family_t(AF_INET)
address.sin_port = in_port_t(8262).bigEndian

let listener = streamSocket()
guard listener >= 0 else { fail("socket") }
var yes: CInt = 1
setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
guard withGeneric(&address, { bind(listener, $0, length) }) == 0, listen(listener, 16) == 0 else {
    fail("port 8262")
}
// A client that breaks off must not end the server.
signal(SIGPIPE, SIG_IGN)
print("listening on port 8262")

// A Multipath TCP listener takes TCP clients too, so nobody is shut out.
while true {
    var peer = sockaddr_in()
    var peerLength = length
    let descriptor = withGeneric(&peer) { accept(listener, $0, &peerLength) }
    guard descriptor >= 0, let connection = fdopen(descriptor, "r") else { continue }
    let name = String(cString: inet_ntoa(peer.sin_addr))
    var line = [CChar](repeating: 0, count: 256)
    if fgets(&line, CInt(line.count), connection) != nil {
        print("\(name) says: \(String(cString: line))", terminator: "")
        let answer = "hello \(name), I am swift\n"
        write(descriptor, answer, answer.utf8.count)
    }
    fclose(connection)
}
