// Started by server.sh, which makes its TCP sockets Multipath TCP.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

// Node.js sets SO_REUSEADDR by itself.
const server = createServer(async (socket) => {
  const address = socket.remoteAddress;
  // Else a client that breaks off would end the server.
  socket.on('error', (error) => console.error(error.message));

  const [line] = await once(createInterface({ input: socket }), 'line');
  console.log(`${address} says: ${line}`);
  socket.end(`hello ${address}, I am nodejs\n`);
});

// A Multipath TCP listener takes TCP clients too, so nobody is shut out.
server.listen({ host: '0.0.0.0', port: 8262 }, () => console.log('listening on port 8262'));
