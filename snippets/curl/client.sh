# --mptcp makes a Multipath TCP socket, since curl 8.9.
# It does not fall back: ask the kernel first. An old one has no such file.
if [ "$(cat /proc/sys/net/mptcp/enabled)" = 1 ]; then
	exec curl --mptcp http://server.lab:8262/hello.txt
fi
echo "no Multipath TCP here, so TCP"
exec curl http://server.lab:8262/hello.txt
