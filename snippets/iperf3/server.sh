# A Multipath TCP listener takes TCP clients too, so nobody is shut out.
if [ "$(cat /proc/sys/net/mptcp/enabled)" = 1 ]; then
	exec mptcpize run iperf3 --server --port 8262
fi
echo "no Multipath TCP here, so TCP"
exec iperf3 --server --port 8262
