#import <Foundation/Foundation.h>

/// Asks a server over Multipath TCP, and prints what became of it.
@interface Hello : NSObject <NSURLSessionDataDelegate>
- (void)ask;
@end

@implementation Hello

- (void)ask
{
    NSURLSessionConfiguration *configuration = [NSURLSessionConfiguration defaultSessionConfiguration];

    // The one change. Without it the service type is NSURLSessionMultipathServiceTypeNone.
    configuration.multipathServiceType = NSURLSessionMultipathServiceTypeHandover;

    NSURLSession *session = [NSURLSession sessionWithConfiguration:configuration delegate:self delegateQueue:nil];
    NSURL *server = [NSURL URLWithString:@"http://192.0.2.1:8264/"];

    NSURLSessionDataTask *task =
        [session dataTaskWithURL:server
               completionHandler:^(NSData *answer, NSURLResponse *response, NSError *error) {
                   if (error)
                       NSLog(@"no answer: %@", error);
                   else
                       NSLog(@"%@", [[NSString alloc] initWithData:answer encoding:NSUTF8StringEncoding]);
               }];
    [task resume];
    [session finishTasksAndInvalidate];
}

// The system's own word on it, once the answer is there.
- (void)URLSession:(NSURLSession *)session
                          task:(NSURLSessionTask *)task
    didFinishCollectingMetrics:(NSURLSessionTaskMetrics *)metrics
{
    for (NSURLSessionTaskTransactionMetrics *transaction in metrics.transactionMetrics)
        NSLog(@"%@", transaction.isMultipath ? @"Multipath TCP" : @"TCP");
}

@end
