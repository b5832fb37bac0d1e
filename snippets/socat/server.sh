# fork: a process for each client. SYSTEM: a command on that connection.
answer='SYSTEM:read line && echo hello $SOCAT_PEERADDR\, I am socat'

# A Multipath TCP listener takes TCP clients too, so nobody is shut out.
if [ "$(cat /proc/sys/net/mptcp/enabled)" = 1 ]; then
	exec socat TCP4-LISTEN:8262,protocol=262,reuseaddr,fork "$answer"
fi
echo "no Multipath TCP here, so TCP"
exec socat TCP4-LISTEN:8262,reuseaddr,fork "$answer"
