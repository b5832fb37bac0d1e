# The server's own key is made anew. The client's key is for this lab only.
ssh-keygen -q -t ed25519 -N '' -f host_key
echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINnXdKEX/jqrKnbWPR9KmB/EuskLj5XpM/ZUGeqCIT9t' >authorized_keys

# sshd wants to be called by its full path.
# A Multipath TCP listener takes TCP clients too, so nobody is shut out.
if [ "$(cat /proc/sys/net/mptcp/enabled)" = 1 ]; then
	exec mptcpize run /usr/sbin/sshd -D -e -f sshd_config
fi
echo "no Multipath TCP here, so TCP"
exec /usr/sbin/sshd -D -e -f sshd_config
