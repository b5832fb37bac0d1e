package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"net"
)

func main() {
	var config net.ListenConfig
	// A listener's default since Go 1.24; said here for Go 1.21 to 1.23.
	config.SetMultipathTCP(true)

	// Falls back to TCP by itself, and sets SO_REUSEADDR by itself.
	listener, err := config.Listen(context.Background(), "tcp4", ":8262")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on port 8262")

	// A Multipath TCP listener takes TCP clients too, so nobody is shut out.
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go answer(connection)
	}
}

func answer(connection net.Conn) {
	defer connection.Close()
	address := connection.RemoteAddr().(*net.TCPAddr).IP

	line, err := bufio.NewReader(connection).ReadString('\n')
	if err != nil {
		log.Print(err)
		return
	}
	fmt.Printf("%s says: %s", address, line)
	fmt.Fprintf(connection, "hello %s, I am go\n", address)
}
