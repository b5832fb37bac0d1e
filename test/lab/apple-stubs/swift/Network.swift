// The few names of Apple's Network framework that the snippets use, for a check of syntax and types on Linux.
import Dispatch
import Foundation

public final class NWParameters {
    public enum MultipathServiceType { case disabled, handover, interactive, aggregate }
    public static var tcp: NWParameters { fatalError() }
    public final var multipathServiceType: MultipathServiceType {
        get { fatalError() }
        set {}
    }
}

public enum NWEndpoint {
    public enum Host: ExpressibleByStringLiteral {
        case name(String)
        public init(stringLiteral value: String) { self = .name(value) }
    }
    public struct Port: ExpressibleByIntegerLiteral {
        public init(integerLiteral value: UInt16) {}
    }
    case hostPort(host: Host, port: Port)
}

public enum NWError: Error { case posix(Int32) }

public final class NWConnection {
    public enum State { case setup, waiting(NWError), preparing, ready, failed(NWError), cancelled }
    public enum SendCompletion {
        case contentProcessed((NWError?) -> Void)
        case idempotent
    }
    public final class ContentContext { public static let defaultMessage = ContentContext() }

    public init(to endpoint: NWEndpoint, using parameters: NWParameters) {}
    public final var stateUpdateHandler: ((State) -> Void)? {
        get { nil }
        set {}
    }
    public final func start(queue: DispatchQueue) {}
    public final func send(
        content: Data?, contentContext: ContentContext = .defaultMessage, isComplete: Bool = true, completion: SendCompletion
    ) {}
    public final func receive(
        minimumIncompleteLength: Int, maximumLength: Int,
        completion: @escaping (Data?, ContentContext?, Bool, NWError?) -> Void
    ) {}
}
