# For this lab only: everybody knows the key. ssh insists that others cannot read it.
chmod 600 key

# mptcpize makes Multipath TCP sockets of ssh's TCP sockets.
# It does not fall back: ask the kernel first. An old one has no such file.
if [ "$(cat /proc/sys/net/mptcp/enabled)" = 1 ]; then
	exec mptcpize run ssh -F ssh_config server.lab echo hello
fi
echo "no Multipath TCP here, so TCP"
exec ssh -F ssh_config server.lab echo hello
