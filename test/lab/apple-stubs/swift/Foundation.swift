// The few names of Apple's Foundation that the iOS snippet uses, for a check of syntax and types on Linux. The Foundation
// of Linux has no multipathServiceType to set.
open class NSObject {
    public init() {}
}

public struct Data: Collection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { 0 }
    public func index(after i: Int) -> Int { i + 1 }
    public subscript(position: Int) -> UInt8 { 0 }
}

public struct URL {
    public init?(string: String) { nil }
}

open class URLResponse: NSObject {}

open class URLSessionConfiguration: NSObject {
    public enum MultipathServiceType: Int { case none, handover, interactive, aggregate }
    open class var `default`: URLSessionConfiguration { fatalError() }
    open var multipathServiceType: MultipathServiceType {
        get { .none }
        set {}
    }
}

open class URLSessionTask: NSObject {}

open class URLSessionTaskTransactionMetrics: NSObject {
    open var isMultipath: Bool { false }
}

open class URLSessionTaskMetrics: NSObject {
    open var transactionMetrics: [URLSessionTaskTransactionMetrics] { [] }
}

public protocol URLSessionDelegate: NSObject {}

public protocol URLSessionTaskDelegate: URLSessionDelegate {
    func urlSession(_ session: URLSession, task: URLSessionTask, didFinishCollecting metrics: URLSessionTaskMetrics)
}

open class URLSession: NSObject {
    public init(configuration: URLSessionConfiguration) {}
    open func finishTasksAndInvalidate() {}
    public func data(from url: URL, delegate: (any URLSessionTaskDelegate)? = nil) async throws -> (Data, URLResponse) {
        fatalError()
    }
}
