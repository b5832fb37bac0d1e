# The headers that most network programs start with, precompiled (GCC manual, "Using Precompiled Headers").
# Not the whole library: loading bits/stdc++.h, precompiled, takes longer than compiling these few.
for header in algorithm cerrno cstring iostream map memory stdexcept string string_view system_error thread vector \
	arpa/inet.h netdb.h netinet/in.h netinet/tcp.h sys/socket.h unistd.h; do
	echo "#include <$header>"
done >/work/network.h
g++ -std=c++20 -Wall -Wextra -o /work/network.h.gch /work/network.h
