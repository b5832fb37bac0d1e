/* The few names of Apple's Foundation that the snippets use, for a check of syntax and types on Linux. */
#pragma once

typedef _Bool BOOL;
typedef long NSInteger;
typedef unsigned long NSUInteger;
typedef NSUInteger NSStringEncoding;
#define nil ((id)0)

typedef struct {
	unsigned long state;
	id __unsafe_unretained *itemsPtr;
	unsigned long *mutationsPtr;
	unsigned long extra[5];
} NSFastEnumerationState;

@protocol NSObject
@end

__attribute__((objc_root_class))
@interface NSObject <NSObject>
+ (instancetype)alloc;
- (instancetype)init;
@end

@interface NSError : NSObject
@end
@interface NSData : NSObject
@end
@interface NSURLResponse : NSObject
@end
@interface NSOperationQueue : NSObject
@end

enum { NSUTF8StringEncoding = 4 };

@interface NSString : NSObject
- (instancetype)initWithData:(NSData *)data encoding:(NSStringEncoding)encoding;
@end

@interface NSArray<Element> : NSObject
- (NSUInteger)countByEnumeratingWithState:(NSFastEnumerationState *)state
                                  objects:(id __unsafe_unretained *)buffer
                                    count:(NSUInteger)length;
@end

@interface NSURL : NSObject
+ (instancetype)URLWithString:(NSString *)text;
@end

void NSLog(NSString *format, ...) __attribute__((format(__NSString__, 1, 2)));

typedef enum __attribute__((enum_extensibility(open))) NSURLSessionMultipathServiceType : NSInteger {
	NSURLSessionMultipathServiceTypeNone = 0,
	NSURLSessionMultipathServiceTypeHandover = 1,
	NSURLSessionMultipathServiceTypeInteractive = 2,
	NSURLSessionMultipathServiceTypeAggregate = 3,
} NSURLSessionMultipathServiceType;

@interface NSURLSessionConfiguration : NSObject
@property (class, readonly, strong) NSURLSessionConfiguration *defaultSessionConfiguration;
@property NSURLSessionMultipathServiceType multipathServiceType;
@end

@class NSURLSession;

@interface NSURLSessionTask : NSObject
- (void)resume;
@end
@interface NSURLSessionDataTask : NSURLSessionTask
@end

@interface NSURLSessionTaskTransactionMetrics : NSObject
@property (assign, readonly, getter=isMultipath) BOOL multipath;
@end
@interface NSURLSessionTaskMetrics : NSObject
@property (copy, readonly) NSArray<NSURLSessionTaskTransactionMetrics *> *transactionMetrics;
@end

@protocol NSURLSessionDelegate <NSObject>
@end
@protocol NSURLSessionTaskDelegate <NSURLSessionDelegate>
@optional
- (void)URLSession:(NSURLSession *)session
                          task:(NSURLSessionTask *)task
    didFinishCollectingMetrics:(NSURLSessionTaskMetrics *)metrics;
@end
@protocol NSURLSessionDataDelegate <NSURLSessionTaskDelegate>
@end

@interface NSURLSession : NSObject
+ (NSURLSession *)sessionWithConfiguration:(NSURLSessionConfiguration *)configuration
                                  delegate:(id<NSURLSessionDelegate>)delegate
                             delegateQueue:(NSOperationQueue *)queue;
- (NSURLSessionDataTask *)dataTaskWithURL:(NSURL *)url
                        completionHandler:(void (^)(NSData *data, NSURLResponse *response, NSError *error))handler;
- (void)finishTasksAndInvalidate;
@end
