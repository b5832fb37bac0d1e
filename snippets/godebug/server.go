// Nothing here knows of Multipath TCP. A listener's default since Go 1.24 is to ask for it.
package main

import (
	"fmt"
	"log"
	"net/http"
)

func main() {
	http.HandleFunc("/", func(answer http.ResponseWriter, request *http.Request) {
		fmt.Println(request.RemoteAddr, "asks for", request.URL)
		fmt.Fprintf(answer, "hello %s, I am Go\n", request.RemoteAddr)
	})
	log.Fatal(http.ListenAndServe("0.0.0.0:8262", nil))
}
