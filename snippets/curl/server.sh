# A file to serve.
echo "hello from server.lab" >hello.txt

# Python's web server makes a TCP socket, mptcpize makes it a Multipath TCP one.
# It does not fall back: ask the kernel first. An old one has no such file.
# A Multipath TCP listener takes TCP clients too, so nobody is shut out.
if [ "$(cat /proc/sys/net/mptcp/enabled)" = 1 ]; then
	exec mptcpize run python3 -m http.server 8262
fi
echo "no Multipath TCP here, so TCP"
exec python3 -m http.server 8262
