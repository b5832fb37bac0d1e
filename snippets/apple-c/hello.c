#include <Network/Network.h>
#include <dispatch/dispatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *host = "192.0.2.1", *port = "8263";

static void print_answer(dispatch_data_t answer)
{
	dispatch_data_apply(answer, ^bool(dispatch_data_t part, size_t offset, const void *bytes, size_t size) {
		(void)part, (void)offset;
		return fwrite(bytes, 1, size, stdout) == size;
	});
}

static void say_hello(nw_connection_t connection)
{
	const char *line = "hello from apple-c\n";
	dispatch_data_t hello = dispatch_data_create(line, strlen(line), NULL, DISPATCH_DATA_DESTRUCTOR_DEFAULT);

	nw_connection_send(connection, hello, NW_CONNECTION_DEFAULT_MESSAGE_CONTEXT, true, ^(nw_error_t error) {
		if (error)
			fprintf(stderr, "send: error %d\n", nw_error_get_error_code(error));
	});
	nw_connection_receive(connection, 1, 256, ^(dispatch_data_t answer, nw_content_context_t context,
	                                            bool is_complete, nw_error_t error) {
		(void)context, (void)is_complete;
		if (answer)
			print_answer(answer);
		exit(error ? 1 : 0);
	});
}

int main(void)
{
	/* TCP as the system configures it, without TLS. */
	nw_parameters_t parameters = nw_parameters_create_secure_tcp(NW_PARAMETERS_DISABLE_PROTOCOL,
	                                                             NW_PARAMETERS_DEFAULT_CONFIGURATION);

	/* The one change. Without it the service is nw_multipath_service_disabled. */
	nw_parameters_set_multipath_service(parameters, nw_multipath_service_handover);

	nw_endpoint_t server = nw_endpoint_create_host(host, port);
	nw_connection_t connection = nw_connection_create(server, parameters);

	nw_connection_set_queue(connection, dispatch_get_main_queue());
	nw_connection_set_state_changed_handler(connection, ^(nw_connection_state_t state, nw_error_t error) {
		if (state == nw_connection_state_ready)
			say_hello(connection);
		/* Waiting: no path to the server for now. A program that runs on would wait too. */
		if (state == nw_connection_state_waiting || state == nw_connection_state_failed) {
			fprintf(stderr, "%s: error %d\n", host, error ? nw_error_get_error_code(error) : 0);
			exit(1);
		}
	});
	nw_connection_start(connection);
	dispatch_main();
}
