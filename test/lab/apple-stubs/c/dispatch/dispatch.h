/* The few names of Apple's libdispatch that the snippets use, for a check of syntax and types on Linux. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

typedef struct dispatch_queue *dispatch_queue_t;
typedef struct dispatch_data *dispatch_data_t;
typedef void (^dispatch_block_t)(void);
typedef bool (^dispatch_data_applier_t)(dispatch_data_t region, size_t offset, const void *buffer, size_t size);

#define DISPATCH_DATA_DESTRUCTOR_DEFAULT ((dispatch_block_t)0)

dispatch_queue_t dispatch_get_main_queue(void);
dispatch_data_t dispatch_data_create(const void *buffer, size_t size, dispatch_queue_t queue, dispatch_block_t destructor);
bool dispatch_data_apply(dispatch_data_t data, dispatch_data_applier_t applier);
_Noreturn void dispatch_main(void);
