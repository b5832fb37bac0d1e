#!/bin/sh
# sh install.sh FOLDER: makes this machine (Debian 12 or later, Ubuntu 24.04 or later) one that serves Hello MPTCP, of the
# project in FOLDER; as root. Given again, it changes what is new. LANGUAGES=c,python before it makes a small image.
set -eu
project=$1
PLACE=/opt/hello-mptcp
STATE=/var/lib/hello-mptcp
export DEBIAN_FRONTEND=noninteractive IMAGE_DIR=$STATE/image LANGUAGES="${LANGUAGES:-}"

# Node to begin with (the project brings its own), compilers for node-pty, and what makes the image and labs.
apt-get -q update
apt-get -q install -y --no-install-recommends nodejs npm python3 make g++ \
	mmdebstrap debian-archive-keyring bubblewrap util-linux mount uidmap passwd

# What labs ask of the kernel, by module where it is one; doctor names what is missing after all.
printf '%s\n' veth sch_tbf sch_netem nf_tables nft_numgen tcp_diag mptcp_diag >/etc/modules-load.d/hello-mptcp.conf
for module in $(cat /etc/modules-load.d/hello-mptcp.conf); do modprobe "$module" 2>/dev/null || true; done
# Ubuntu keeps ordinary users from making user namespaces, and every lab is one.
if [ -e /proc/sys/kernel/apparmor_restrict_unprivileged_userns ]; then
	echo 'kernel.apparmor_restrict_unprivileged_userns = 0' >/etc/sysctl.d/60-hello-mptcp.conf
	sysctl -q -p /etc/sysctl.d/60-hello-mptcp.conf
fi

id hello-mptcp >/dev/null 2>&1 || useradd --system --no-create-home --home-dir "$STATE" --shell /usr/sbin/nologin hello-mptcp
install -d -o hello-mptcp -g hello-mptcp "$STATE"
mkdir -p "$PLACE"
tar -C "$project" --exclude=./.git --exclude=./node_modules --exclude=./dist -c . | tar -C "$PLACE" -x --no-same-owner
cd "$PLACE"
npm run image --silent
npm run build --silent

touch /etc/hello-mptcp.conf
sed -i '/^LANGUAGES=/d' /etc/hello-mptcp.conf
echo "LANGUAGES=$LANGUAGES" >>/etc/hello-mptcp.conf
cp deploy/systemd/hello-mptcp.socket deploy/systemd/hello-mptcp.service /etc/systemd/system/
npm run doctor --silent
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	systemctl enable --now hello-mptcp.socket
	systemctl restart hello-mptcp.service
fi
