#!/bin/sh
# boot-systemd.sh GROUP: becomes systemd, as the first process of a machine (see own-machine.sh). Its devices, control groups and
# host name are its own. It says "systemd has started all" on standard error.
set -eu
group=$1
if [ $# = 1 ]; then
  # The groups that it sees are those below GROUP, in each hierarchy (cgroup_namespaces(7)).
  for place in /sys/fs/cgroup /sys/fs/cgroup/*/; do
    [ -e "$place/cgroup.procs" ] || continue
    mkdir -p "$place/$group"
    for file in cpuset.cpus cpuset.mems; do
      [ ! -e "$place/$group/$file" ] || cat "$place/$file" >"$place/$group/$file"
    done
    echo $$ >"$place/$group/cgroup.procs"
  done
  exec unshare --cgroup --uts --ipc sh "$0" "$group" again
fi

if [ -e /sys/fs/cgroup/cgroup.procs ]; then
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
else
  hierarchies=$(ls /sys/fs/cgroup)
  mount -t tmpfs -o mode=755 groups /sys/fs/cgroup
  for hierarchy in $hierarchies; do
    mkdir "/sys/fs/cgroup/$hierarchy"
    case $hierarchy in
      unified) mount -t cgroup2 groups "/sys/fs/cgroup/$hierarchy" ;;
      systemd) mount -t cgroup -o none,name=systemd groups "/sys/fs/cgroup/$hierarchy" ;;
      *) mount -t cgroup -o "$hierarchy" groups "/sys/fs/cgroup/$hierarchy" ;;
    esac
  done
fi

mkdir /run/dev
mount -t tmpfs -o mode=755 devices /run/dev
for device in null zero full random urandom tty; do
  touch "/run/dev/$device"
  mount --bind "/dev/$device" "/run/dev/$device"
done
mkdir /run/dev/pts /run/dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts /run/dev/pts
mount -t tmpfs shm /run/dev/shm
ln -s pts/ptmx /run/dev/ptmx
ln -s /proc/self/fd /run/dev/fd
mount --rbind /run/dev /dev
mount -t tmpfs tmp /tmp
hostname hello-mptcp-systemd

(
  until systemctl is-system-running --wait; do sleep 0.1; done
  echo 'systemd has started all' >&2
) >/dev/null &
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd
