import * as v from 'valibot';
import { deviceConnectionSchema } from '../../protocol/device.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** One line of device-listen.c or device-service.c. */
const lineSchema = v.variant('event', [
  v.strictObject({ event: v.literal('listening'), helloPort: count, httpPort: count }),
  v.strictObject({ event: v.literal('failed'), step: v.string(), service: v.string(), port: count, error: v.string() }),
  v.strictObject({ event: v.literal('refused'), connections: count }),
  v.strictObject({ event: v.picklist(['opened', 'updated', 'closed']), ...deviceConnectionSchema.entries }),
]);

export type ServiceLine = v.InferOutput<typeof lineSchema>;

/** @throws Error that names the field: a line that is not understood is a fault of ours */
export function parseServiceLine(text: string): ServiceLine {
  const result = v.safeParse(lineSchema, JSON.parse(text));
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Error(`device-service: ${v.getDotPath(issue) ?? 'line'}: expected ${issue.expected}, found ${issue.received}`);
}

/** Why the services could not be opened, and what to do: a sentence or two for an operator. */
export function failureWords({ step, service, port, error }: Extract<ServiceLine, { event: 'failed' }>): string {
  const what = `The ${service === 'http' ? 'HTTP' : 'hello'} service for devices`;
  const setting = service === 'http' ? 'DEVICES_HTTP_PORT' : 'DEVICES_HELLO_PORT';
  switch (error) {
    case 'EADDRINUSE':
      return `${what} could not be opened: port ${port} is taken by another program. Choose another one by ${setting}.`;
    case 'EADDRNOTAVAIL':
      return `${what} could not be opened: this machine does not have the address that DEVICES names.`;
    case 'EACCES':
      return `${what} could not be opened: port ${port} is not for unprivileged programs. Choose one from 1024 on by ${setting}.`;
    case 'ENOPROTOOPT':
      return `${what} could not be opened: Multipath TCP is switched off on this machine. "sysctl -w net.mptcp.enabled=1" switches it on.`;
    case 'EPROTONOSUPPORT':
    case 'EINVAL':
      return `${what} could not be opened: this kernel has no Multipath TCP.`;
    default:
      return `${what} could not be opened: ${step} on port ${port} failed with ${error}.`;
  }
}
