import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import { isOwnOrigin, isSecureOrigin } from '../origin.ts';
import { sourceOf, type TrustedProxies } from '../source-address.ts';
import type { Gate } from './gate.ts';

export type JoinWorld = {
  gate: Gate;
  proxies: TrustedProxies;
  publicOrigins: string[];
  onRefused: (reason: JoinRefusal) => void;
};
export type JoinRefusal = 'join-wrong' | 'join-guess-limit';

const bodySchema = v.object({ code: v.string() });

/**
 * The two ways in. `?join=` at any page takes the token of a link, or the code: the page comes again without it, so that it
 * stays neither in the history nor in a copied address. `POST /api/join` with `{ "code": "K7Q-M4T-XP9" }` is for the box in
 * the page: 204, 403 for a wrong one, 429 with Retry-After after too many wrong ones.
 */
export function routeJoin(http: FastifyInstance, { gate, proxies, publicOrigins, onRefused }: JoinWorld): void {
  const enter = (guess: string, request: FastifyRequest) => {
    const { headers } = request;
    const secure = isSecureOrigin(headers.host, publicOrigins);
    const entrance = gate.enter(guess, sourceOf(request.raw, proxies), { headers, secure });
    if (entrance.kind === 'wrong') onRefused('join-wrong');
    if (entrance.kind === 'too-many') onRefused('join-guess-limit');
    return entrance;
  };
  const tooMany = (reply: FastifyReply, seconds: number) => reply.code(429).header('Retry-After', seconds);
  const tooManyWords = (seconds: number) => `Too many wrong join codes. Try again in ${inWords(seconds)}.`;

  http.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'GET' || !isVisit(request)) return;
    const url = URL.parse(request.url, 'http://runner');
    const guess = url?.searchParams.get('join') ?? null;
    if (url === null || guess === null) return;
    reply.header('Cache-Control', 'no-store').header('Referrer-Policy', 'no-referrer');
    const entrance = enter(guess, request);
    if (entrance.kind === 'too-many') {
      return tooMany(reply, entrance.retryAfterSeconds)
        .type('text/plain')
        .send(`${tooManyWords(entrance.retryAfterSeconds)}\n`);
    }
    if (entrance.kind === 'joined') reply.header('Set-Cookie', entrance.cookie);
    url.searchParams.delete('join');
    // Relative: it leads to no other host, and keeps what a proxy has before this path.
    return reply.redirect(`./${url.pathname.split('/').at(-1)}${url.search}`, 303);
  });

  http.post('/api/join', async (request, reply) => {
    reply.header('Cache-Control', 'no-store');
    if (!isOwnOrigin(request.headers.origin, request.headers.host, publicOrigins)) {
      return reply.code(403).send({ message: 'Expected a page of this runner as the Origin.' });
    }
    const body = v.safeParse(bodySchema, request.body);
    if (!body.success) return reply.code(400).send({ message: 'Expected { "code": "..." }.' });
    const entrance = enter(body.output.code, request);
    switch (entrance.kind) {
      case 'joined':
        return reply.code(204).header('Set-Cookie', entrance.cookie).send();
      case 'wrong':
        return reply.code(403).send({ message: 'This is not the join code of this runner. Look at it again.' });
      case 'too-many': {
        const { retryAfterSeconds } = entrance;
        return tooMany(reply, retryAfterSeconds).send({ message: tooManyWords(retryAfterSeconds) });
      }
    }
  });
}

/** A page of somebody else can make browsers guess by images and frames, but not by a visit that nobody sees. */
function isVisit({ headers }: FastifyRequest): boolean {
  const destination = headers['sec-fetch-dest'];
  return destination === undefined || destination === 'document';
}

function inWords(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
