import type { Action } from '../../protocol/lesson/lesson.ts';

/** A client that asks the kernel what its connection is: three times, and once for more. */
export const ASK = `import socket

def is_mptcp():
    return connection.getsockopt(socket.SOL_TCP, 43)  # TCP_IS_MPTCP

connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_MPTCP)
print("before connect():", is_mptcp())
connection.connect(("server.lab", 8262))
print("after connect():", is_mptcp())
connection.sendall(bytes(1_000_000))
connection.shutdown(socket.SHUT_WR)
print("the answer:", connection.recv(100).decode().strip())
print("after the answer:", is_mptcp())
info = connection.getsockopt(284, 1, 96)  # SOL_MPTCP, MPTCP_INFO
print("subflows beside the first one:", info[0])
`;

/** Leaves it in the client's home. */
export const writeAsk: Action = { on: 'client', type: `cat > ask.py <<'END'\n${ASK}END` };
