#!/usr/bin/env escript
-define(IPPROTO_MPTCP, 262).

main(_) ->
    os:set_signal(sigterm, default), % end at once and quietly, as other programs do
    {ok, Listener} = stream_socket(),
    ok = socket:setopt(Listener, {socket, reuseaddr}, true),
    ok = socket:bind(Listener, #{family => inet, addr => any, port => 8262}),
    ok = socket:listen(Listener),
    io:format("listening on port 8262~n"),
    serve(Listener).

%% A Multipath TCP listener takes TCP clients too, so nobody is shut out.
serve(Listener) ->
    {ok, Socket} = socket:accept(Listener),
    catch greet(Socket), % a client that breaks off must not end the server
    socket:close(Socket),
    serve(Listener).

greet(Socket) ->
    {ok, #{addr := Peer}} = socket:peername(Socket),
    Address = inet:ntoa(Peer),
    io:format("~s says: ~s", [Address, receive_line(Socket, <<>>)]),
    ok = socket:send(Socket, ["hello ", Address, ", I am erlang\n"]).

%% A Multipath TCP socket, or a TCP socket where there is none.
stream_socket() ->
    case socket:open(inet, stream, ?IPPROTO_MPTCP) of
        {error, Reason} when Reason =:= einval; Reason =:= eprotonosupport; Reason =:= enoprotoopt ->
            io:format("no Multipath TCP here (~p), so TCP~n", [Reason]),
            socket:open(inet, stream, tcp);
        Result ->
            Result
    end.

receive_line(Socket, Received) ->
    case binary:last(<<" ", Received/binary>>) of
        $\n -> Received;
        _ ->
            {ok, More} = socket:recv(Socket),
            receive_line(Socket, <<Received/binary, More/binary>>)
    end.
