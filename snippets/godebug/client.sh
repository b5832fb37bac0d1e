# TCP:            exec ./client
# Multipath TCP:  exec env GODEBUG=multipathtcp=1 ./client
# Where the kernel has no Multipath TCP, Go falls back to TCP by itself.
exec env GODEBUG=multipathtcp=1 ./client
