# Tcl has no call for Multipath TCP. What starts this program decides (client.sh):
#   TCP:            exec tclsh client.tcl
#   Multipath TCP:  exec mptcpize run tclsh client.tcl

# -myaddr 0.0.0.0 asks for IPv4: any address of this host, any port.
set connection [socket -myaddr 0.0.0.0 server.lab 8262]

# A line is sent at its end, not when a buffer is full, and it ends with a newline alone.
fconfigure $connection -buffering line -translation lf
# The terminal adds the carriage return; Tcl would add a second one.
fconfigure stdout -translation lf

puts $connection "hello from tcl"
puts [gets $connection]
close $connection
