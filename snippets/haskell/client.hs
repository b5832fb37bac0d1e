import Control.Exception (catch, throwIO)
import Foreign.C.Error (Errno (Errno), eINVAL, eNOPROTOOPT, ePROTONOSUPPORT)
import GHC.IO.Exception (IOException (ioe_errno))
import Network.Socket
import System.IO

-- Of linux/in.h: Network.Socket has no name for it.
ipprotoMPTCP :: ProtocolNumber
ipprotoMPTCP = 262

-- | A Multipath TCP socket, or a TCP socket where there is none.
streamSocket :: IO Socket
streamSocket =
  -- The one change: the third argument.
  socket AF_INET Stream ipprotoMPTCP `catch` \failure ->
    if maybe False ((`elem` noMPTCP) . Errno) (ioe_errno failure)
      then do
        putStrLn ("no Multipath TCP here (" ++ show failure ++ "), so TCP")
        socket AF_INET Stream defaultProtocol
      else throwIO failure
  where
    -- A kernel before 5.6, net.mptcp.enabled=0, a kernel built without it.
    noMPTCP = [eINVAL, eNOPROTOOPT, ePROTONOSUPPORT]

main :: IO ()
main = do
  let hints = defaultHints {addrFamily = AF_INET, addrSocketType = Stream}
  server : _ <- getAddrInfo (Just hints) (Just "server.lab") (Just "8262")
  connection <- streamSocket
  connect connection (addrAddress server)

  -- From here on it is a handle, as for TCP.
  handle <- socketToHandle connection ReadWriteMode
  hSetBuffering handle LineBuffering
  hPutStrLn handle "hello from haskell"
  hGetLine handle >>= putStrLn
  hClose handle
