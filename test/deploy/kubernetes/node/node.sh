#!/bin/sh
# node.sh CGROUP: Kubernetes 1.20 on one node, as the first process of a machine of its own (own-machine.sh). Configuration is in
# /etc/kubernetes (configuration.ts), each daemon logs to /var/log/NAME.log. Pods have 10.244.0.0/16, Services 10.96.0.0/16.
set -eu
cgroup=$1
address=192.0.2.7
flags=/etc/kubernetes

start() {
  name=$1
  shift
  "$@" >"/var/log/$name.log" 2>&1 &
}

# kubelet sets these of the whole machine where they are not so already: it is shown that they are, and the machine stays as it is.
mkdir /run/settings
while read -r setting value; do
  echo "$value" >"/run/settings/$(basename "$setting")"
  mount --bind "/run/settings/$(basename "$setting")" "/proc/sys/$setting"
done <<END
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
END

# Beside version 1, runc makes groups in version 2 too, which this kubelet does not remove; and then its pods never are gone.
if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi

# All pods are below it: it bounds nothing, and is removed with all that is in it.
for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
  if [ -e "$hierarchy/cgroup.procs" ]; then mkdir -p "$hierarchy$cgroup"; fi
done

echo 1 >/proc/sys/net/ipv4/ip_forward
# There is no network but that of the pods. A packet to a Service is routed first, by an interface that leads nowhere, and led
# to a pod then.
ip link add uplink type veth peer name outside
ip link set outside up
ip link set uplink up
ip route add 10.96.0.0/16 dev uplink src "$address"

start etcd etcd --data-dir /run/etcd --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379
start containerd containerd --config $flags/containerd.toml
# ProcMountType: procMount wants it until 1.33, where it is on. InternalIP: no name server knows the node.
start kube-apiserver kube-apiserver \
  --etcd-servers http://127.0.0.1:2379 --bind-address "$address" --advertise-address "$address" --secure-port 6443 \
  --cert-dir /run/kubernetes --token-auth-file $flags/tokens.csv --authorization-mode RBAC --anonymous-auth=false \
  --service-cluster-ip-range 10.96.0.0/16 --service-account-issuer https://kubernetes.default.svc \
  --service-account-key-file $flags/service-accounts.pem --service-account-signing-key-file $flags/service-accounts.pem \
  --kubelet-preferred-address-types InternalIP --feature-gates ProcMountType=true
until kubectl get --raw /readyz >/dev/null 2>&1; do
  if ! kill -0 $!; then cat /var/log/kube-apiserver.log >&2; exit 1; fi
  sleep 0.2
done
start kube-controller-manager kube-controller-manager --kubeconfig $flags/admin.conf --leader-elect=false \
  --service-account-private-key-file $flags/service-accounts.pem
start kube-scheduler kube-scheduler --kubeconfig $flags/admin.conf --leader-elect=false
start kubelet kubelet --kubeconfig $flags/admin.conf --config $flags/kubelet.yaml --hostname-override one-node --node-ip "$address" \
  --container-runtime remote --container-runtime-endpoint unix:///run/containerd/containerd.sock
# Limits of conntrack belong to the machine's first network namespace: 0 leaves them as they are.
start kube-proxy kube-proxy --kubeconfig $flags/admin.conf --hostname-override one-node --cluster-cidr 10.244.0.0/16 \
  --proxy-mode iptables --oom-score-adj 0 --conntrack-max-per-core 0 --conntrack-min 0 \
  --conntrack-tcp-timeout-established 0 --conntrack-tcp-timeout-close-wait 0
echo 'Kubernetes answers' >&2
trap 'exit 0' TERM
# What the pods leave to the first process is taken in, and no signal waits for it.
while :; do
  sleep 3600 &
  wait $!
done
