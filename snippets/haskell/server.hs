import Control.Exception (IOException, catch, finally, throwIO)
import Control.Monad (forever)
import Foreign.C.Error (Errno (Errno), eINVAL, eNOPROTOOPT, ePROTONOSUPPORT)
import GHC.IO.Exception (ioe_errno)
import Network.Socket
import System.IO

ipprotoMPTCP :: ProtocolNumber
ipprotoMPTCP = 262

-- | A Multipath TCP socket, or a TCP socket where there is none.
streamSocket :: IO Socket
streamSocket =
  socket AF_INET Stream ipprotoMPTCP `catch` \failure ->
    if maybe False ((`elem` noMPTCP) . Errno) (ioe_errno failure)
      then do
        putStrLn ("no Multipath TCP here (" ++ show failure ++ "), so TCP")
        socket AF_INET Stream defaultProtocol
      else throwIO failure
  where
    noMPTCP = [eINVAL, eNOPROTOOPT, ePROTONOSUPPORT]

answer :: Handle -> String -> IO ()
answer handle address = do
  line <- hGetLine handle
  putStrLn (address ++ " says: " ++ line)
  hPutStrLn handle ("hello " ++ address ++ ", I am haskell")

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  listener <- streamSocket
  setSocketOption listener ReuseAddr 1
  bind listener (SockAddrInet 8262 0)
  listen listener 16
  putStrLn "listening on port 8262"

  -- A Multipath TCP listener takes TCP clients too, so nobody is shut out.
  forever $ do
    (connection, peer) <- accept listener
    (Just address, _) <- getNameInfo [NI_NUMERICHOST] True False peer
    handle <- socketToHandle connection ReadWriteMode
    hSetBuffering handle LineBuffering
    answer handle address `catch` (\failure -> hPutStrLn stderr (show (failure :: IOException))) `finally` hClose handle
