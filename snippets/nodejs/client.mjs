// Node.js has no call for Multipath TCP. What starts this program decides (client.sh):
//   TCP:            exec node client.mjs
//   Multipath TCP:  exec mptcpize run node client.mjs
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const socket = connect({ host: 'server.lab', port: 8262, family: 4 });
socket.write('hello from nodejs\n');

for await (const line of createInterface({ input: socket })) console.log(line);
