#!/bin/sh
# compile.sh, inside a Debian 12 that has golang-go, gcc, dpkg-dev and others: compiles Debian's source package of Kubernetes, which
# lies in /src, to /out. As debian/rules does it, for the programs of a node beside kubectl.
set -eu
cd /src
dpkg-source -x ./*.dsc source
# The Makefile wants the sources where Go kept them before it had modules.
mkdir -p go/src/k8s.io /out
ln -s /src/source go/src/k8s.io/kubernetes
cat >version <<END
KUBE_GIT_COMMIT=debian
KUBE_GIT_TREE_STATE=archive
KUBE_GIT_VERSION=v1.20.2
KUBE_GIT_MAJOR=1
KUBE_GIT_MINOR=20
END
export HOME=/src GOPATH=/src/go GOPROXY=off CGO_ENABLED=0 KUBE_GIT_VERSION_FILE=/src/version
# Without the clients of four clouds, which are a third of the work.
export GOFLAGS=-tags=providerless
cd go/src/k8s.io/kubernetes
set -- kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl
make GOLDFLAGS='-s -w' WHAT="$(printf 'cmd/%s ' "$@")"
for name; do cp "_output/bin/$name" /out/; done
gcc -static -O2 -o /out/pause build/pause/linux/pause.c
