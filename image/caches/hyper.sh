# hyper, tokio, socket2 and what they need, from Debian's sources, compiled by rustc alone: a click compiles one file.
# In the order of need, with the features that the two programs use. A --cfg that is no feature is what the crate's build
# script finds out about this compiler. Not optimized: that would take three times as long and save a click nothing.
cd /work

# CRATE-VERSION EDITION [FEATURE|--cfg=NAME]...
crate() {
	source=$(echo /usr/share/cargo/registry/"$1"*)
	name=$(echo "${1%-*}" | tr - _) edition=$2 type=rlib
	[ "$name" != tokio_macros ] || type=proc-macro
	shift 2
	# From the list of arguments its options: takes each from the front and puts it to the end.
	for option in "$@"; do
		shift
		case $option in
		--*) set -- "$@" "$option" ;;
		*) set -- "$@" --cfg "feature=\"$option\"" ;;
		esac
	done
	for library in lib*.rlib lib*.so; do
		[ -e "$library" ] || continue
		extern=${library#lib}
		set -- "$@" --extern "${extern%.*}=$library"
	done
	main=$source/src/lib.rs
	[ -e "$main" ] || main=$source/lib.rs
	CARGO_PKG_NAME=$name OUT_DIR=/work rustc --crate-name "$name" --crate-type "$type" --edition "$edition" \
		--cap-lints allow -L /work "$@" "$main"
}

crate libc-0.2 2021 std extra_traits --cfg=libc_const_extern_fn
crate socket2-0.5 2021 all
crate bytes-1 2018 std
crate fnv-1 2015 std
crate itoa-1 2018
crate http-1 2018 std
crate http-body-1 2018
crate pin-project-lite-0.2 2018
crate pin-utils-0.1 2018
crate futures-core-0.3 2018 alloc std
crate futures-task-0.3 2018 alloc std
crate futures-channel-0.3 2018 alloc std
crate futures-util-0.3 2018
crate http-body-util-0.1 2018
crate httparse-1 2018 std --cfg=httparse_simd
crate httpdate-1 2021
crate log-0.4 2021
crate smallvec-1 2018 const_generics const_new
crate tower-service-0.3 2018
crate try-lock-0.2 2015
crate want-0.3 2018
crate unicode-ident-1 2018
crate proc-macro2-1 2021 proc-macro --cfg=wrap_proc_macro
crate quote-1 2018 proc-macro
crate syn-2 2021 clone-impls derive full parsing printing proc-macro
crate tokio-macros-2 2021
crate mio-1 2021 net os-ext os-poll
crate tokio-1 2021 bytes io-util libc macros mio net rt socket2 sync time tokio-macros
crate hyper-1 2021 client http1 server
crate hyper-util-0.1 2021 tokio
# Of these only the product is needed: the macros.
rm libunicode_ident.rlib libproc_macro2.rlib libquote.rlib libsyn.rlib
