# Go 1.24 listens so by itself. Go 1.21 to 1.23 wants the variable.
# A Multipath TCP listener takes TCP clients too, so nobody is shut out.
exec env GODEBUG=multipathtcp=1 ./server
