# mptcpize makes Multipath TCP sockets of iperf3's TCP sockets.
# It does not fall back: ask the kernel first. An old one has no such file.
if [ "$(cat /proc/sys/net/mptcp/enabled)" = 1 ]; then
	exec mptcpize run iperf3 --client server.lab --port 8262 --time 2 --bitrate 28M
fi
echo "no Multipath TCP here, so TCP"
exec iperf3 --client server.lab --port 8262 --time 2 --bitrate 28M
