package main

import (
	"bufio"
	"fmt"
	"log"
	"net"
)

func main() {
	var dialer net.Dialer
	// The one change. A client's default is dialer.SetMultipathTCP(false).
	dialer.SetMultipathTCP(true)

	// Where the kernel has no Multipath TCP (EINVAL, EPROTONOSUPPORT,
	// ENOPROTOOPT), Dial makes a TCP connection by itself.
	connection, err := dialer.Dial("tcp4", "server.lab:8262")
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()

	fmt.Fprintln(connection, "hello from go")
	line, err := bufio.NewReader(connection).ReadString('\n')
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(line)
}
