# The server behind HAProxy: plain TCP, on this host only.
echo "hello from behind HAProxy" >hello.txt
python3 -m http.server --bind 127.0.0.1 8080 &
until ss -Hltn 'sport = :8080' | grep -q LISTEN; do sleep 0.05; done

# mptcpize makes Multipath TCP sockets of HAProxy's TCP sockets.
# It does not fall back: ask the kernel first. An old one has no such file.
# A Multipath TCP listener takes TCP clients too, so nobody is shut out.
if [ "$(cat /proc/sys/net/mptcp/enabled)" = 1 ]; then
	exec mptcpize run haproxy -f haproxy.cfg
fi
echo "no Multipath TCP here, so TCP"
exec haproxy -f haproxy.cfg
