echo "hello from nginx" >hello.txt

# mptcpize makes Multipath TCP sockets of nginx's TCP sockets.
# It does not fall back: ask the kernel first. An old one has no such file.
# A Multipath TCP listener takes TCP clients too, so nobody is shut out.
# nginx opens its log by name. It may not open a terminal that it was given, but a pipe.
if [ "$(cat /proc/sys/net/mptcp/enabled)" = 1 ]; then
	mptcpize run nginx -p . -e stderr -c nginx.conf | cat
else
	echo "no Multipath TCP here, so TCP"
	nginx -p . -e stderr -c nginx.conf | cat
fi
