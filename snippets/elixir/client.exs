defmodule Client do
  @ipproto_mptcp 262

  # What :socket.open answers where Multipath TCP is not to be had:
  @no_mptcp [
    # a kernel before 5.6
    :einval,
    # built without it
    :eprotonosupport,
    # switched off: net.mptcp.enabled=0
    :enoprotoopt
  ]

  def run do
    {:ok, address} = :inet.getaddr(~c"server.lab", :inet)
    {:ok, socket} = stream_socket()
    :ok = :socket.connect(socket, %{family: :inet, addr: address, port: 8262})
    :ok = :socket.send(socket, "hello from elixir\n")
    IO.write(receive_line(socket))
    :socket.close(socket)
  end

  # A Multipath TCP socket, or a TCP socket where there is none.
  defp stream_socket do
    # The one change: the third argument.
    case :socket.open(:inet, :stream, @ipproto_mptcp) do
      {:error, reason} when reason in @no_mptcp ->
        IO.puts("no Multipath TCP here (#{reason}), so TCP")
        :socket.open(:inet, :stream, :tcp)

      result ->
        result
    end
  end

  # TCP is a stream of bytes: a line can arrive in pieces.
  defp receive_line(socket, received \\ "") do
    if String.ends_with?(received, "\n") do
      received
    else
      {:ok, more} = :socket.recv(socket)
      receive_line(socket, received <> more)
    end
  end
end

Client.run()
