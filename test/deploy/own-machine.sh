#!/bin/sh
# own-machine.sh ROOT FOLDER... -- COMMAND...: becomes a machine on the root filesystem ROOT, in namespaces of its own for
# mounts, processes and the network: what it changes of routes, packet filters and mounts ends with it. Each FOLDER of this
# machine is at its place there.
set -eu
root=$1
shift
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs run "$root/run"
while [ "$1" != -- ]; do
  mkdir -p "$root/$1"
  mount --bind "$1" "$root/$1"
  shift
done
shift
ip link set lo up
# The address of a machine in the pages' examples (RFC 5737).
ip address add 192.0.2.7/32 dev lo
cd "$root"
pivot_root . mnt
umount -l /mnt
exec "$@"
