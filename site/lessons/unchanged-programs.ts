import type { Lesson } from '../../protocol/lesson/lesson.ts';
import { writeFile } from './write-file.ts';

/** Asks for TCP, by the C library or by a system call of its own. */
const FETCH = `
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <arpa/inet.h>

int main(void)
{
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(8262)};
    inet_pton(AF_INET, "10.0.9.1", &server.sin_addr);
#ifdef OWN_CALL
    int fd = syscall(SYS_socket, AF_INET, SOCK_STREAM, IPPROTO_TCP);
#else
    int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
#endif
    if (connect(fd, (struct sockaddr *)&server, sizeof(server)) != 0) {
        perror("connect");
        return 1;
    }
    const char *ask = "GET / HTTP/1.0\\r\\n\\r\\n";
    write(fd, ask, strlen(ask));
    char answer[4096];
    for (ssize_t size; (size = read(fd, answer, sizeof(answer))) > 0;)
        write(STDOUT_FILENO, answer, size);
}
`;

const stayedPlain = {
  that: 'attempt',
  shows: [{ sight: 'verdict', kind: 'plain-tcp', reason: 'plain-socket' }, { sight: 'over' }],
} as const;

export const lesson: Lesson = {
  id: 'unchanged-programs',
  part: 'Programs',
  title: 'Programs you cannot change',
  minutes: 8,
  goal: 'Give Multipath TCP to a program without its source, and tell which programs cannot have it so.',
  terminals: ['client', 'server'],
  setup: [
    { on: 'server', type: 'echo I am a web server > index.html' },
    { on: 'server', type: 'mptcpize run python3 -um http.server 8262', until: 'Serving HTTP' },
    writeFile('client', 'fetch.c', FETCH),
  ],
  steps: [
    {
      id: 'forced',
      check: { that: 'attempt', shows: [{ sight: 'verdict', kind: 'multipath' }, { sight: 'over' }] },
      solution: [{ on: 'client', type: 'mptcpize run curl -s http://server.lab:8262/' }],
      mistakes: [
        {
          title: 'curl without mptcpize',
          actions: [{ on: 'client', type: 'curl -s http://server.lab:8262/' }],
          hint: 'its socket was a TCP socket',
        },
      ],
    },
    {
      id: 'static',
      check: { that: 'attempt', shows: [...stayedPlain.shows] },
      solution: [
        { on: 'client', type: 'gcc -static -o fetch-static fetch.c' },
        { on: 'client', type: 'mptcpize run ./fetch-static' },
      ],
      mistakes: [
        {
          title: 'The program was not linked statically',
          actions: [
            { on: 'client', type: 'gcc -o fetch fetch.c' },
            { on: 'client', type: 'mptcpize run ./fetch' },
          ],
          hint: 'Multipath TCP. Connection 0x',
        },
      ],
    },
    {
      id: 'own-call',
      check: { that: 'attempt', shows: [...stayedPlain.shows] },
      solution: [
        { on: 'client', type: 'gcc -DOWN_CALL -o fetch-own fetch.c' },
        { on: 'client', type: 'mptcpize run ./fetch-own' },
      ],
      mistakes: [
        {
          title: 'The program calls socket() of the library',
          actions: [{ on: 'client', type: 'mptcpize run ./fetch' }],
          hint: 'Multipath TCP. Connection 0x',
        },
      ],
    },
  ],
};
