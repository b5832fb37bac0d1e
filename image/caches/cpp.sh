# The headers that most programs start with, precompiled (GCC manual, "Using Precompiled Headers").
cp /usr/include/x86_64-linux-gnu/c++/14/bits/stdc++.h /work/stdc++.h
g++ -std=c++23 -Wall -Wextra -o /work/stdc++.h.gch /work/stdc++.h
