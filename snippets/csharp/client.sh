# mptcpize makes a Multipath TCP socket of each TCP socket that the program asks the C library for.
# It does not fall back by itself, so ask the kernel first. An old kernel has no such file.
if [ "$(cat /proc/sys/net/mptcp/enabled)" = 1 ]; then
	exec mptcpize run mono client.exe
fi
echo "no Multipath TCP here, so TCP"
exec mono client.exe
