import { architecture } from '../image/architecture.ts';

/**
 * What Node is started with in a container or a virtual machine. On arm64 WebAssembly, by which Node strips types, stays as it was
 * first compiled: on an emulated processor three of six starts ended in V8's Runtime_WasmTriggerTierUp, "Check failed:
 * it->second.Size() > offset" (Node 24.21, V8 13.6).
 */
export function nodeFlags(): string[] {
  return architecture() === 'arm64' ? ['--liftoff-only'] : [];
}
