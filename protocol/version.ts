/**
 * The WebSocket subprotocol (RFC 6455, section 1.9) that site and runner agree on at the upgrade.
 * A change of message types that an older page could not follow counts the number up.
 */
export const PROTOCOL = 'hello-mptcp.v2';

/** The name of a metric in the Server-Timing header (W3C Server Timing) of each page that a runner serves. */
export const RUNNER_TIMING = 'runner';
