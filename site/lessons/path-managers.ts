import type { Action, Lesson } from '../../protocol/lesson/lesson.ts';
import { writeFile } from './write-file.ts';

/** A path manager in user space, of the least that it takes (include/uapi/linux/mptcp_pm.h, genetlink(7)). */
const PATH_MANAGER = `
import os
import signal
import socket
import struct
import sys

# include/uapi/linux/mptcp_pm.h
ESTABLISHED, SUBFLOW_CREATE = 2, 10
EVENT_TOKEN, EVENT_ADDRESS, EVENT_PORT = 1, 7, 10
ADDRESS, TOKEN, REMOTE = 1, 4, 6
FAMILY, ID, IPV4, PORT, DEVICE = 1, 2, 3, 5, 7


def attribute(kind, value):
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def attributes(block):
    found = {}
    while len(block) >= 4:
        length, kind = struct.unpack_from("=HH", block)
        found[kind & 0x3FFF] = block[4:length]
        block = block[length + -length % 4 :]
    return found


def generic_netlink():
    kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
    kernel.bind((0, 0))
    return kernel


def ask(family, command, payload):
    with generic_netlink() as kernel:
        flags = 1 if family == 16 else 5
        head = struct.pack("=IHHII", 20 + len(payload), family, flags, 1, 0)
        kernel.send(head + struct.pack("=BBH", command, 1, 0) + payload)
        answer = kernel.recv(65536)
    if struct.unpack_from("=H", answer, 4)[0] == 2:
        return -struct.unpack_from("=i", answer, 16)[0]
    return attributes(answer[20:])


about = ask(16, 3, attribute(2, b"mptcp_pm\\0"))
family = struct.unpack("=H", about[1])[0]
groups = [attributes(group) for group in attributes(about[7]).values()]
events = next(group[2] for group in groups if group[1] == b"mptcp_pm_events\\0")

kernel = generic_netlink()
kernel.setsockopt(270, 1, struct.unpack("=I", events)[0])
signal.signal(signal.SIGINT, signal.SIG_DFL)
address, device = sys.argv[1], socket.if_nametoindex(sys.argv[2])
print(f"each new connection gets a subflow from {address}", flush=True)

while True:
    event = kernel.recv(65536)
    told = attributes(event[20:])
    if event[16] != ESTABLISHED or EVENT_ADDRESS not in told:
        continue
    here = (attribute(FAMILY, struct.pack("=H", socket.AF_INET)) + attribute(ID, b"\\x07")
            + attribute(IPV4, socket.inet_aton(address)) + attribute(DEVICE, struct.pack("=i", device)))
    there = (attribute(FAMILY, struct.pack("=H", socket.AF_INET)) + attribute(IPV4, told[EVENT_ADDRESS])
             + attribute(PORT, struct.pack("=H", *struct.unpack("!H", told[EVENT_PORT]))))
    error = ask(family, SUBFLOW_CREATE,
                attribute(TOKEN, told[EVENT_TOKEN]) + attribute(ADDRESS, here) + attribute(REMOTE, there))
    token = struct.unpack("=I", told[EVENT_TOKEN])[0]
    print(f"connection {token:08x}: {os.strerror(error) if error else 'a subflow more'}", flush=True)
`;

const transfer: Action = { on: 'client', type: 'python3 bulk-python/client.py' };
const MANAGE = 'python3 pm.py 10.0.2.2 cellular';
const stop: Action = { on: 'client 2', interrupt: true };
const MPTCPD = '/usr/libexec/mptcpd';
/** Endpoints follow within milliseconds. */
const READY = 'address advertiser path manager initialized';
const daemon: Action = {
  on: 'client 2',
  type: `${MPTCPD} --addr-flags=subflow --notify-flags=existing,skip_link_local`,
  until: READY,
};
const manage: Action = { on: 'client 2', type: MANAGE, until: 'each new connection' };

export const lesson: Lesson = {
  id: 'path-managers',
  part: 'Path managers',
  title: 'Path managers of your own',
  minutes: 10,
  goal: 'Tell the two path managers of Linux apart, and let a program or mptcpd decide about subflows.',
  terminals: ['client', 'client 2', 'server'],
  snippets: ['bulk-python'],
  setup: [
    { on: 'server', type: 'python3 bulk-python/server.py', until: 'listening' },
    writeFile('client 2', 'pm.py', PATH_MANAGER),
    { on: 'client', type: "sed -i 's/SECONDS = 5/SECONDS = 1/' bulk-python/client.py" },
  ],
  steps: [
    {
      id: 'nobody',
      check: {
        that: 'all',
        of: [
          { that: 'endpoint', host: 'client', address: '10.0.2.2', there: true, flags: ['subflow'] },
          {
            that: 'attempt',
            shows: [{ sight: 'verdict', kind: 'multipath' }, { sight: 'subflows-at-most', most: 1 }, { sight: 'over' }],
          },
        ],
      },
      solution: [{ on: 'client', type: 'sysctl -w net.mptcp.path_manager=userspace' }, transfer],
      mistakes: [{ title: 'The kernel’s own path manager is at work', actions: [transfer], hint: 'had 2 subflows' }],
    },
    {
      id: 'program',
      check: {
        that: 'all',
        of: [
          { that: 'endpoint', host: 'client', address: '10.0.2.2', there: false },
          {
            that: 'attempt',
            shows: [{ sight: 'subflows', least: 1, link: 'cellular', role: 'joined' }, { sight: 'over' }],
          },
        ],
      },
      hints: [
        {
          when: {
            that: 'all',
            of: [
              { that: 'endpoint', host: 'client', address: '10.0.2.2', there: true },
              { that: 'attempt', shows: [{ sight: 'subflows', least: 1, link: 'cellular', role: 'joined' }] },
            ],
          },
          say: 'There was a second subflow. Take the endpoints away and transfer again, so that nobody but your program can have made it.',
        },
      ],
      solution: [{ on: 'client', type: 'ip mptcp endpoint flush' }, manage, transfer],
      mistakes: [
        {
          title: 'The endpoints are still there',
          actions: [manage, transfer],
          hint: 'nobody but your program can have made it',
        },
        {
          title: 'The endpoints are taken away after the transfer',
          actions: [{ on: 'client', type: 'ip mptcp endpoint flush' }, stop],
          hint: 'When the last attempt began, this was so: The client still has the endpoint 10.0.2.2',
        },
        {
          title: 'The program is not started',
          actions: [transfer],
          hint: 'had one subflow: over Wi-Fi',
        },
      ],
    },
    {
      id: 'daemon',
      check: {
        that: 'all',
        of: [
          { that: 'endpoint', host: 'client', address: '10.0.2.2', there: true, flags: ['subflow'] },
          // In this lab nobody but a program that reads the addresses makes one for Wi-Fi too.
          { that: 'endpoint', host: 'client', address: '10.0.1.2', there: true, flags: ['subflow'] },
          {
            that: 'attempt',
            shows: [{ sight: 'subflows', least: 1, link: 'cellular', role: 'joined' }, { sight: 'over' }],
          },
        ],
      },
      solution: [
        stop,
        { on: 'client', type: 'ip mptcp endpoint flush' },
        { on: 'client', type: 'sysctl -w net.mptcp.path_manager=kernel' },
        daemon,
        transfer,
        { on: 'client', type: 'ip mptcp endpoint' },
        { on: 'client', type: 'ip mptcp limits' },
      ],
      mistakes: [
        {
          title: 'The daemon is not told of the addresses that are there already',
          actions: [stop, { on: 'client 2', type: MPTCPD, until: READY }, transfer, stop],
          hint: 'The client has no endpoint 10.0.2.2',
        },
        {
          title: 'The daemon is not told what the endpoints are for',
          actions: [{ on: 'client 2', type: `${MPTCPD} --notify-flags=existing,skip_link_local`, until: READY }, transfer, stop],
          hint: 'The endpoint 10.0.2.2 is without a flag',
        },
        {
          title: 'The path manager is still that of programs',
          actions: [{ on: 'client', type: 'ip mptcp endpoint flush' }, daemon, transfer],
          hint: 'had one subflow: over Wi-Fi',
        },
      ],
    },
    {
      id: 'follow',
      check: {
        that: 'attempt',
        shows: [{ sight: 'subflows', least: 2, link: 'cellular', role: 'joined' }, { sight: 'over' }],
      },
      solution: [{ on: 'client', type: 'ip address add 10.0.2.3/24 dev cellular' }, transfer],
      mistakes: [
        {
          title: 'The daemon has ended, and nobody makes an endpoint of the new address',
          actions: [
            stop,
            { on: 'client', type: 'ip address add 10.0.2.3/24 dev cellular' },
            transfer,
            { on: 'client', type: 'ip address del 10.0.2.3/24 dev cellular' },
            { on: 'client', type: 'ip mptcp endpoint flush' },
            daemon,
          ],
          hint: 'had 2 subflows: over Wi-Fi, over cellular',
        },
      ],
    },
  ],
};
