/** Tells the runner a join code. Null when it let this browser in, else why not, for the visitor. Never rejects. */
export async function askToJoin(url: URL, code: string): Promise<string | null> {
  try {
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ code }) });
    return response.ok ? null : messageIn(await response.json());
  } catch {
    return NO_ANSWER;
  }
}

function messageIn(body: unknown): string {
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : null;
  return typeof message === 'string' ? message : NO_ANSWER;
}

const NO_ANSWER = 'The runner did not answer. Try again in a moment.';
