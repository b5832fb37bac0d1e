program Client;

{$mode objfpc}{$H+}

uses
  BaseUnix, Sockets;

const
  IPPROTO_MPTCP = 262; { of linux/in.h: Sockets has no name for it }
  Server = '10.0.9.1'; { server.lab; the unit netdb looks up names }

{ A Multipath TCP socket, or a TCP socket where there is none. }
function StreamSocket: LongInt;
begin
  { The one change: the third argument. }
  Result := fpSocket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
  if Result >= 0 then
    Exit;
  case SocketError of
    ESysEINVAL,          { a kernel before 5.6 }
    ESysEPROTONOSUPPORT, { built without it }
    ESysENOPROTOOPT:     { switched off: net.mptcp.enabled=0 }
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
  Connection: LongInt;
  Address: TInetSockAddr;
  FromServer, ToServer: Text;
  Line: string;

begin
  Address := Default(TInetSockAddr);
  Address.sin_family := AF_INET;
  Address.sin_port := htons(8262);
  Address.sin_addr := StrToNetAddr(Server);

  Connection := StreamSocket;
  if fpConnect(Connection, @Address, SizeOf(Address)) <> 0 then
  begin
    WriteLn(StdErr, Server, ': errno ', SocketError);
    Halt(1);
  end;

  { From here on it is a text file, as for TCP. }
  Sock2Text(Connection, FromServer, ToServer);
  Reset(FromServer);
  Rewrite(ToServer);
  WriteLn(ToServer, 'hello from pascal');
  Flush(ToServer);
  ReadLn(FromServer, Line);
  WriteLn(Line);
  CloseSocket(Connection);
end.
