# Started by server.sh, which makes its TCP sockets Multipath TCP.

proc greet {connection address port} {
    # A client that breaks off must not end the server.
    try {
        fconfigure $connection -buffering line -translation lf
        puts "$address says: [gets $connection]"
        puts $connection "hello $address, I am tcl"
    } on error message {
        puts stderr $message
    } finally {
        catch {close $connection}
    }
}

# A Multipath TCP listener takes TCP clients too, so nobody is shut out.
# Tcl sets SO_REUSEADDR by itself.
socket -server greet -myaddr 0.0.0.0 8262

fconfigure stdout -buffering line -translation lf
puts "listening on port 8262"
vwait forever
