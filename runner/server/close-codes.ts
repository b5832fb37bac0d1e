/** Close codes of WebSockets (RFC 6455, section 7.4.1); those of our own are in protocol/resume.ts. */
export const GOING_AWAY = 1001;
export const PROTOCOL_ERROR = 1002;
/** Never sent: it says that the connection was lost without a close frame. */
export const NO_CLOSE_FRAME = 1006;
export const POLICY_VIOLATION = 1008;
