# The crate socket2 and the crate that it needs, from Debian's sources, compiled by rustc alone: a click compiles one file.
registry=/usr/share/cargo/registry
cd /work
OUT_DIR=/work rustc --crate-name libc --crate-type rlib --edition 2021 -O --cap-lints allow \
	--cfg 'feature="std"' --cfg 'feature="extra_traits"' --cfg libc_const_extern_fn "$(echo $registry/libc-0.2*)/src/lib.rs"
rustc --crate-name socket2 --crate-type rlib --edition 2021 -O --cap-lints allow \
	--cfg 'feature="all"' -L /work --extern libc=/work/liblibc.rlib "$(echo $registry/socket2-0.5*)/src/lib.rs"
