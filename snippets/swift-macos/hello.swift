import Foundation
import Network

let server = NWEndpoint.hostPort(host: "192.0.2.1", port: 8263)

// TCP as the system configures it, without TLS.
let parameters = NWParameters.tcp

// The one change. Without it the service type is .disabled.
parameters.multipathServiceType = .handover

let connection = NWConnection(to: server, using: parameters)

func sayHello() {
    let hello = Data("hello from swift-macos\n".utf8)
    connection.send(content: hello, completion: .contentProcessed { error in
        if let error { print("send: \(error)") }
    })
    connection.receive(minimumIncompleteLength: 1, maximumLength: 256) { answer, _, _, error in
        if let answer { print(String(decoding: answer, as: UTF8.self), terminator: "") }
        exit(error == nil ? 0 : 1)
    }
}

connection.stateUpdateHandler = { state in
    switch state {
    case .ready:
        sayHello()
    case .waiting(let error), .failed(let error):
        // Waiting: no path to the server for now. A program that runs on would wait too.
        print("no connection: \(error)")
        exit(1)
    default:
        break
    }
}
connection.start(queue: .main)
dispatchMain()
