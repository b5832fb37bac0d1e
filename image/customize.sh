#!/bin/sh
# Runs after the packages are installed, still inside the build's own mount namespace.
# mmdebstrap passes the root filesystem as $1; HOSTS comes from the builder.
set -eu
root=$1

# No program in the image gains privilege by being started.
find "$root" -xdev -perm /6000 -exec chmod ug-s {} +

# The user that programs run as, and the folders that the sandbox mounts over.
echo 'u:x:1000:1000:u:/home/u:/bin/bash' >>"$root/etc/passwd"
echo 'u:x:1000:' >>"$root/etc/group"
# No password opens it; an account with "!" would count as locked (sshd(8)).
echo 'u:*::0:::::' >>"$root/etc/shadow"
mkdir -p "$root/home/u" "$root/work" "$root/lab" "$root/run"
chown 1000:1000 "$root/home/u"

# A lab's root has no other user to become, and may not try (tcpdump(8), -Z).
printf '#!/bin/sh\nexec /usr/bin/tcpdump -Z root "$@"\n' >"$root/usr/local/bin/tcpdump"
chmod 755 "$root/usr/local/bin/tcpdump"

# Names are resolved by /etc/hosts alone: a lab has no name server.
printf '%s' "$HOSTS" >"$root/etc/hosts"
echo lab >"$root/etc/hostname"
: >"$root/etc/resolv.conf"

# Debian's own .pyc files hash their source at each import when SOURCE_DATE_EPOCH is set; a read-only image needs no check.
echo 'hello-mptcp: compiling Python' >&2
library=$(chroot "$root" python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
chroot "$root" python3 -m compileall -q -f --invalidation-mode unchecked-hash "$library" >&2

# Downloads stay for the next build, but only those that this image is made of.
echo 'hello-mptcp: tidying downloads' >&2
chroot "$root" dpkg-query -W -f '${Package}_${Version}_${Architecture}.deb\n' | sed 's/:/%3a/' >"$root/tmp/used"
for deb in "$root"/var/cache/apt/archives/*.deb; do
	grep -qxF "$(basename "$deb")" "$root/tmp/used" || rm "$deb"
done
rm "$root/tmp/used"
umount "$root/var/cache/apt/archives"
