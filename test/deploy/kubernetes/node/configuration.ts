import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The image that holds the namespaces of a pod; it comes with the images of the test. */
export const PAUSE_IMAGE = 'localhost/pause:1';

/** Writes what node.sh reads below /etc/kubernetes, and the seccomp profile where kubelet looks for it. */
export function configureNode(root: string, cgroup: string, seccomp: string): void {
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: 0o600 });
  };
  const token = randomBytes(32).toString('hex');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  put('etc/kubernetes/tokens.csv', `${token},admin,admin,system:masters\n`);
  put('etc/kubernetes/service-accounts.pem', privateKey.export({ type: 'pkcs1', format: 'pem' }).toString());
  put('etc/kubernetes/admin.conf', JSON.stringify(kubeconfig(token)));
  put('root/.kube/config', JSON.stringify(kubeconfig(token)));
  put('etc/kubernetes/kubelet.yaml', JSON.stringify(kubelet(cgroup)));
  put('etc/kubernetes/containerd.toml', CONTAINERD);
  put('etc/cni/net.d/10-bridge.conflist', JSON.stringify(NETWORK));
  put('var/lib/kubelet/seccomp/hello-mptcp.json', seccomp);
}

/** One token does all: who may do what in the cluster is not what is tried. The API server makes its certificate itself. */
function kubeconfig(token: string): object {
  const cluster = { server: 'https://192.0.2.7:6443', 'certificate-authority': '/run/kubernetes/apiserver.crt' };
  return {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'one-node' },
    clusters: [{ name: 'one-node', cluster }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'one-node', context: { cluster: 'one-node', user: 'admin' } }],
  };
}

function kubelet(cgroup: string): object {
  return {
    ...{ apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' },
    ...{ cgroupDriver: 'cgroupfs', cgroupRoot: cgroup, featureGates: { ProcMountType: true } },
    // Nobody but the machine's own processes reaches it.
    ...{ authentication: { anonymous: { enabled: true }, webhook: { enabled: false } }, authorization: { mode: 'AlwaysAllow' } },
    // Below 0 wants CAP_SYS_RESOURCE.
    oomScoreAdj: 0,
    failSwapOn: false,
    // No name server is there, and pods ask none: it only wants an address.
    ...{ resolvConf: '', clusterDNS: ['10.96.0.10'] },
    // The disk is the machine's, and others fill it.
    ...{ evictionHard: { 'memory.available': '100Mi' }, imageGCHighThresholdPercent: 100 },
  };
}

/** restrict_oom_score_adj: below 0 wants CAP_SYS_RESOURCE. */
const CONTAINERD = `version = 2
oom_score = 0
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
`;

/** Of the plugins' own: a bridge, and an address for each pod. They know nothing of a NetworkPolicy. */
const NETWORK = {
  ...{ cniVersion: '0.4.0', name: 'pods' },
  plugins: [
    {
      ...{ type: 'bridge', bridge: 'cni0', isDefaultGateway: true, ipMasq: true, hairpinMode: true },
      ipam: { type: 'host-local', ranges: [[{ subnet: '10.244.0.0/24' }]] },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
};
