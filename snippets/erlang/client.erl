#!/usr/bin/env escript
-define(IPPROTO_MPTCP, 262). % the number of linux/in.h

main(_) ->
    {ok, Address} = inet:getaddr("server.lab", inet),
    {ok, Socket} = stream_socket(),
    ok = socket:connect(Socket, #{family => inet, addr => Address, port => 8262}),
    ok = socket:send(Socket, "hello from erlang\n"),
    io:put_chars(receive_line(Socket, <<>>)),
    socket:close(Socket).

%% A Multipath TCP socket, or a TCP socket where there is none.
stream_socket() ->
    %% The one change: the third argument.
    case socket:open(inet, stream, ?IPPROTO_MPTCP) of
        {error, Reason} when Reason =:= einval;          % a kernel before 5.6
                             Reason =:= eprotonosupport; % built without it
                             Reason =:= enoprotoopt ->   % net.mptcp.enabled=0
            io:format("no Multipath TCP here (~p), so TCP~n", [Reason]),
            socket:open(inet, stream, tcp);
        Result ->
            Result
    end.

%% TCP is a stream of bytes: a line can arrive in pieces.
receive_line(Socket, Received) ->
    case binary:last(<<" ", Received/binary>>) of
        $\n -> Received;
        _ ->
            {ok, More} = socket:recv(Socket),
            receive_line(Socket, <<Received/binary, More/binary>>)
    end.
