/* The few names of Apple's Network framework that the snippets use, for a check of syntax and types on Linux. */
#pragma once
#include <dispatch/dispatch.h>
#include <stdint.h>

typedef struct nw_parameters *nw_parameters_t;
typedef struct nw_protocol_options *nw_protocol_options_t;
typedef struct nw_endpoint *nw_endpoint_t;
typedef struct nw_connection *nw_connection_t;
typedef struct nw_content_context *nw_content_context_t;
typedef struct nw_error *nw_error_t;

typedef enum {
	nw_multipath_service_disabled = 0,
	nw_multipath_service_handover = 1,
	nw_multipath_service_interactive = 2,
	nw_multipath_service_aggregate = 3,
} nw_multipath_service_t;

typedef enum {
	nw_connection_state_invalid = 0,
	nw_connection_state_waiting = 1,
	nw_connection_state_preparing = 2,
	nw_connection_state_ready = 3,
	nw_connection_state_failed = 4,
	nw_connection_state_cancelled = 5,
} nw_connection_state_t;

typedef void (^nw_parameters_configure_protocol_block_t)(nw_protocol_options_t options);
typedef void (^nw_connection_state_changed_handler_t)(nw_connection_state_t state, nw_error_t error);
typedef void (^nw_connection_send_completion_t)(nw_error_t error);
typedef void (^nw_connection_receive_completion_t)(dispatch_data_t content, nw_content_context_t context, bool is_complete,
                                                   nw_error_t error);

extern const nw_parameters_configure_protocol_block_t NW_PARAMETERS_DEFAULT_CONFIGURATION;
extern const nw_parameters_configure_protocol_block_t NW_PARAMETERS_DISABLE_PROTOCOL;
extern const nw_content_context_t NW_CONNECTION_DEFAULT_MESSAGE_CONTEXT;

nw_parameters_t nw_parameters_create_secure_tcp(nw_parameters_configure_protocol_block_t configure_tls,
                                                nw_parameters_configure_protocol_block_t configure_tcp);
void nw_parameters_set_multipath_service(nw_parameters_t parameters, nw_multipath_service_t multipath_service);
nw_endpoint_t nw_endpoint_create_host(const char *hostname, const char *port);
nw_connection_t nw_connection_create(nw_endpoint_t endpoint, nw_parameters_t parameters);
void nw_connection_set_queue(nw_connection_t connection, dispatch_queue_t queue);
void nw_connection_set_state_changed_handler(nw_connection_t connection, nw_connection_state_changed_handler_t handler);
void nw_connection_start(nw_connection_t connection);
void nw_connection_send(nw_connection_t connection, dispatch_data_t content, nw_content_context_t context, bool is_complete,
                        nw_connection_send_completion_t completion);
void nw_connection_receive(nw_connection_t connection, uint32_t minimum_incomplete_length, uint32_t maximum_length,
                           nw_connection_receive_completion_t completion);
int nw_error_get_error_code(nw_error_t error);
