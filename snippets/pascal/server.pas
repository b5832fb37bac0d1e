program Server;

{$mode objfpc}{$H+}

uses
  BaseUnix, Sockets;

const
  IPPROTO_MPTCP = 262;

{ A Multipath TCP socket, or a TCP socket where there is none. }
function StreamSocket: LongInt;
begin
  Result := fpSocket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
  if Result >= 0 then
    Exit;
  case SocketError of
    ESysEINVAL, ESysEPROTONOSUPPORT, ESysENOPROTOOPT:
      begin
        WriteLn('no Multipath TCP here (errno ', SocketError, '), so TCP');
        Result := fpSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
      end;
  else
    begin
      WriteLn(StdErr, 'socket: errno ', SocketError);
      Halt(1);
    end;
  end;
end;

var
  Listener, Connection, One: LongInt;
  Address, Peer: TInetSockAddr;
  PeerSize: TSockLen;
  FromClient, ToClient: Text;
  Name, Line: string;

begin
  Address := Default(TInetSockAddr);
  Address.sin_family := AF_INET;
  Address.sin_port := htons(8262);

  Listener := StreamSocket;
  One := 1;
  fpSetSockOpt(Listener, SOL_SOCKET, SO_REUSEADDR, @One, SizeOf(One));
  if (fpBind(Listener, @Address, SizeOf(Address)) <> 0) or (fpListen(Listener, 16) <> 0) then
  begin
    WriteLn(StdErr, 'port 8262: errno ', SocketError);
    Halt(1);
  end;
  WriteLn('listening on port 8262');
  Flush(Output);

  { A Multipath TCP listener takes TCP clients too, so nobody is shut out. }
  while True do
  begin
    PeerSize := SizeOf(Peer);
    Connection := fpAccept(Listener, @Peer, @PeerSize);
    if Connection < 0 then
      Continue;
    Name := NetAddrToStr(Peer.sin_addr);
    Sock2Text(Connection, FromClient, ToClient);
    Reset(FromClient);
    Rewrite(ToClient);
    if not Eof(FromClient) then
    begin
      ReadLn(FromClient, Line);
      WriteLn(Name, ' says: ', Line);
      Flush(Output);
      WriteLn(ToClient, 'hello ', Name, ', I am pascal');
      Flush(ToClient);
    end;
    CloseSocket(Connection);
  end;
end.
