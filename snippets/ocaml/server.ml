open Unix

let ipproto_mptcp = 262

(* A Multipath TCP socket, or a TCP socket where there is none. *)
let stream_socket () =
  try socket PF_INET SOCK_STREAM ipproto_mptcp
  with Unix_error (((EINVAL | EPROTONOSUPPORT | ENOPROTOOPT) as error), _, _) ->
    Printf.printf "no Multipath TCP here (%s), so TCP\n%!" (error_message error);
    socket PF_INET SOCK_STREAM 0

let answer connection address =
  let input = in_channel_of_descr connection in
  let output = out_channel_of_descr connection in
  Printf.printf "%s says: %s\n%!" address (input_line input);
  Printf.fprintf output "hello %s, I am ocaml\n%!" address

let () =
  (* A client that is gone fails the write, and does not end the server. *)
  Sys.set_signal Sys.sigpipe Sys.Signal_ignore;
  let listener = stream_socket () in
  setsockopt listener SO_REUSEADDR true;
  bind listener (ADDR_INET (inet_addr_any, 8262));
  listen listener 16;
  print_endline "listening on port 8262";

  (* A Multipath TCP listener takes TCP clients too, so nobody is shut out. *)
  while true do
    match accept listener with
    | connection, ADDR_INET (address, _) ->
      (try answer connection (string_of_inet_addr address) with End_of_file | Sys_error _ -> ());
      close connection
    | connection, ADDR_UNIX _ -> close connection
  done
