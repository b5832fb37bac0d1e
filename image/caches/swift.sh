# The C library's headers as modules, which swiftc else makes anew in each run (Clang documentation, "Modules").
cd /tmp
printf 'import %s\n' Foundation FoundationNetworking Glibc Dispatch >modules.swift
swiftc -module-cache-path /work -typecheck modules.swift
