# curl asks by itself, and does not fall back: ask the kernel first.
if [ "$(cat /proc/sys/net/mptcp/enabled)" = 1 ]; then
	exec curl --mptcp http://server.lab:8262/hello.txt
fi
echo "no Multipath TCP here, so TCP"
exec curl http://server.lab:8262/hello.txt
