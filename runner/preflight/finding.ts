/** What a lab stands on, each probed on this machine and never inferred from versions. */
export type FindingName =
  | 'kernel'
  | 'mptcp'
  | 'user-namespaces'
  | 'bubblewrap'
  | 'entering'
  | 'network-namespaces'
  | 'veth'
  | 'tbf'
  | 'netem'
  | 'nft'
  | 'terminals'
  | 'limits'
  | 'memory'
  | 'capacity'
  | 'visitors'
  | 'disk'
  | 'image';

export type Finding = {
  name: FindingName;
  /** For a list: "Multipath TCP". */
  title: string;
  /** `limited` works with less, or could not be tried yet. */
  state: 'ok' | 'limited' | 'missing';
  /** Without it no lab opens. */
  necessary: boolean;
  /** One sentence: what was found and what that means. */
  found: string;
  /** What mends it, a command in quotation marks where there is one; `null` where nothing is to be done. */
  remedy: string | null;
};
