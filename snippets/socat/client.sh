# protocol= is the third argument of socket(2). 262 means Multipath TCP.
# socat does not fall back: ask the kernel first. An old one has no such file.
if [ "$(cat /proc/sys/net/mptcp/enabled)" = 1 ]; then
	echo "hello from socat" | socat -t 5 - TCP4:server.lab:8262,protocol=262
else
	echo "no Multipath TCP here, so TCP"
	echo "hello from socat" | socat -t 5 - TCP4:server.lab:8262
fi
