defmodule Server do
  @ipproto_mptcp 262
  @no_mptcp [:einval, :eprotonosupport, :enoprotoopt]

  def run do
    # End at once and quietly when asked to, as other programs do.
    :os.set_signal(:sigterm, :default)
    {:ok, listener} = stream_socket()
    :ok = :socket.setopt(listener, {:socket, :reuseaddr}, true)
    :ok = :socket.bind(listener, %{family: :inet, addr: :any, port: 8262})
    :ok = :socket.listen(listener)
    IO.puts("listening on port 8262")
    serve(listener)
  end

  # A Multipath TCP listener takes TCP clients too, so nobody is shut out.
  defp serve(listener) do
    {:ok, socket} = :socket.accept(listener)

    try do
      greet(socket)
    rescue
      # a client that broke off must not end the server
      error in MatchError -> IO.puts(:stderr, Exception.message(error))
    end

    :socket.close(socket)
    serve(listener)
  end

  defp greet(socket) do
    {:ok, %{addr: peer}} = :socket.peername(socket)
    address = :inet.ntoa(peer)
    IO.write("#{address} says: #{receive_line(socket)}")
    :ok = :socket.send(socket, "hello #{address}, I am elixir\n")
  end

  # A Multipath TCP socket, or a TCP socket where there is none.
  defp stream_socket do
    case :socket.open(:inet, :stream, @ipproto_mptcp) do
      {:error, reason} when reason in @no_mptcp ->
        IO.puts("no Multipath TCP here (#{reason}), so TCP")
        :socket.open(:inet, :stream, :tcp)

      result ->
        result
    end
  end

  defp receive_line(socket, received \\ "") do
    if String.ends_with?(received, "\n") do
      received
    else
      {:ok, more} = :socket.recv(socket)
      receive_line(socket, received <> more)
    end
  end
end

Server.run()
