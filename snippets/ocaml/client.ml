open Unix

let ipproto_mptcp = 262 (* of linux/in.h: Unix has no name for it *)

(* A Multipath TCP socket, or a TCP socket where there is none. *)
let stream_socket () =
  (* The one change: the third argument. *)
  try socket PF_INET SOCK_STREAM ipproto_mptcp
  with Unix_error
    ( (( EINVAL (* a kernel before 5.6 *)
       | EPROTONOSUPPORT (* built without it *)
       | ENOPROTOOPT (* switched off: net.mptcp.enabled=0 *) ) as error), _, _ ) ->
    Printf.printf "no Multipath TCP here (%s), so TCP\n%!" (error_message error);
    socket PF_INET SOCK_STREAM 0

let () =
  (* The name is looked up for TCP: getaddrinfo(3) does not know 262. *)
  match getaddrinfo "server.lab" "8262" [ AI_FAMILY PF_INET; AI_SOCKTYPE SOCK_STREAM ] with
  | [] -> failwith "server.lab: no address"
  | server :: _ ->
    let connection = stream_socket () in
    connect connection server.ai_addr;

    let input = in_channel_of_descr connection in
    let output = out_channel_of_descr connection in
    Printf.fprintf output "hello from ocaml\n%!";
    print_endline (input_line input);
    close connection
