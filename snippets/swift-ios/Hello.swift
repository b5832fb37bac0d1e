import Foundation

/// Asks a server over Multipath TCP, and prints what became of it.
final class Hello: NSObject, URLSessionTaskDelegate {
    func ask() async throws -> String {
        let configuration = URLSessionConfiguration.default

        // The one change. Without it the service type is .none.
        configuration.multipathServiceType = .handover

        let session = URLSession(configuration: configuration)
        defer { session.finishTasksAndInvalidate() }

        let server = URL(string: "http://192.0.2.1:8264/")!
        let (answer, _) = try await session.data(from: server, delegate: self)
        return String(decoding: answer, as: UTF8.self)
    }

    // The system's own word on it, once the answer is there.
    func urlSession(
        _ session: URLSession, task: URLSessionTask, didFinishCollecting metrics: URLSessionTaskMetrics
    ) {
        for transaction in metrics.transactionMetrics {
            print(transaction.isMultipath ? "Multipath TCP" : "TCP")
        }
    }
}
