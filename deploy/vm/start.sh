#!/bin/sh
# Starts the virtual machine of a folder that "npm run vm -- build" has made, and stays until Ctrl-C turns it off.
#
#   sh start.sh [OPTION...] [FOLDER]         without FOLDER: the one that this script is in
#
#   --port N            where the site is on this machine (8262)
#   --address A         on which of its addresses (127.0.0.1); others are for a class, and want the join code that is printed
#   --memory MIB        of the machine (2048)
#   --cores N           of the machine (those of this one, 4 at most)
#   --accelerator NAME  kvm, hvf, whpx, or tcg for emulation; without it, what this machine has
#   --set NAME=VALUE    a setting of the runner, such as LABS=10 (README.md lists them); may be repeated
#   --doctor            prints what labs have and lack in the machine, and turns it off
#   --console FILE      keeps what its kernel and the runner log
#
# Needs qemu and nothing else. Exit code 0: turned off as asked.
set -u

SIGN_OF_LIFE_SECONDS=20
TURN_OFF_SECONDS=20
# An emulated processor is about ten times slower: what takes so long in it is not broken.
SETTINGS_EMULATED='LAB_SECONDS=200
RUN_SECONDS=200
RUN_CPU_SECONDS=200
LABS_WARM=1
'

port=8262
address=127.0.0.1
memory=2048
cores=
accelerators=
settings=
doctor=0
console=
folder=$(dirname "$0")

stop() {
	echo "$1" >&2
	exit "${2:-1}"
}

while [ $# -gt 0 ]; do
	case $1 in
	-h | --help)
		sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
		exit
		;;
	--doctor) doctor=1 ;;
	--*)
		[ $# -ge 2 ] || stop "$1: expected a value behind it, found none; \"sh start.sh --help\" lists the options" 2
		case $1 in
		--port) port=$2 ;;
		--address) address=$2 ;;
		--memory) memory=$2 ;;
		--cores) cores=$2 ;;
		--accelerator) accelerators=$2 ;;
		--console) console=$2 ;;
		--set)
			case $2 in
			[A-Z]*=*) settings="$settings$2
" ;;
			*) stop "--set: expected NAME=VALUE, such as LABS=10, found $2" 2 ;;
			esac
			;;
		*) stop "No option $1: \"sh start.sh --help\" lists them" 2 ;;
		esac
		shift
		;;
	*) folder=$1 ;;
	esac
	shift
done
for number in "$port" "$memory" "${cores:-1}"; do
	case $number in '' | *[!0-9]*) stop "Expected whole numbers for --port, --memory and --cores, found \"$number\"" 2 ;; esac
done
for file in kernel initrd root.squashfs architecture; do
	[ -r "$folder/$file" ] || stop "Expected $folder/$file, found none: \"npm run vm -- build\" makes such a folder on a Linux machine"
done

architecture=$(cat "$folder/architecture")
here=$(uname -m)
[ "$here" != arm64 ] || here=aarch64
qemu=qemu-system-$architecture
if ! command -v "$qemu" >/dev/null; then
	[ "$architecture" = x86_64 ] && debian=qemu-system-x86 || debian=qemu-system-arm
	stop "$qemu is missing, it is the virtual machine: \"sudo apt-get install $debian\" (Debian, Ubuntu), \"brew install qemu\" (macOS)"
fi

if [ -z "$cores" ]; then
	cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
	[ "$cores" -le 4 ] || cores=4
fi
if [ -z "$accelerators" ]; then
	if [ "$here" = "$architecture" ]; then
		case $(uname -s) in
		Linux) [ ! -r /dev/kvm ] || [ ! -w /dev/kvm ] || accelerators=kvm ;;
		Darwin) accelerators=hvf ;;
		MINGW* | MSYS* | CYGWIN*) accelerators=whpx ;;
		esac
	fi
	accelerators="$accelerators tcg"
fi

scratch=$(mktemp -d "${TMPDIR:-/tmp}/hello-mptcp-vm.XXXXXX")
machine=
log=${console:-$scratch/console}
forget() {
	[ -z "$machine" ] || kill -9 "$machine" 2>/dev/null
	rm -rf "$scratch"
}
trap forget EXIT
# The doctor has no visitors.
[ "$doctor" = 1 ] && forward= || forward=",hostfwd=tcp:$address:$port-:8262"

# Starts it, with one accelerator. By its line the machine says how far it is, and is told to turn off: it also does when the
# line ends with this script.
begin() {
	: >"$scratch/said"
	: >"$log"
	rm -f "$scratch/line"
	mkfifo "$scratch/line"
	printf 'PUBLISHED=%s:%s\nDOCTOR=%s\n' "$address" "$port" "$doctor" >"$scratch/settings"
	[ "$accelerator" != tcg ] || printf '%s' "$SETTINGS_EMULATED" >>"$scratch/settings"
	printf '%s' "$settings" >>"$scratch/settings"
	if [ "$architecture" = x86_64 ]; then set -- -M q35; else set -- -M virt; fi
	case $accelerator-$architecture in
	# The emulation of cx16 in qemu 7.2 ends programs in Go.
	tcg-x86_64) set -- "$@" -accel tcg,thread=multi -cpu max,-cx16 ;;
	# Signed pointers by a cheap hash: to emulate the one of Arm's processors takes much of the time.
	tcg-*) set -- "$@" -accel tcg,thread=multi -cpu max,pauth-impdef=on ;;
	whpx-*) set -- "$@" -accel whpx,kernel-irqchip=off -cpu max ;;
	*) set -- "$@" -accel "$accelerator" -cpu host ;;
	esac
	[ "$architecture" = x86_64 ] && tty=ttyS0 || tty=ttyAMA0
	# A Ctrl-C is for this script, and not for qemu, which would end the machine without a word to it.
	if command -v setsid >/dev/null; then set -- setsid "$qemu" "$@"; else
		set -m
		set -- "$qemu" "$@"
	fi
	"$@" -m "$memory" -smp "$cores" -nodefaults -no-user-config -no-reboot -display none -monitor none \
		-kernel "$folder/kernel" -initrd "$folder/initrd" -append "console=$tty panic=-1 loglevel=5" \
		-drive "if=none,id=disk,file=$folder/root.squashfs,format=raw,readonly=on" -device virtio-blk-pci,drive=disk \
		-netdev "user,id=net,restrict=on$forward" -device virtio-net-pci,netdev=net \
		-device virtio-serial-pci -chardev stdio,id=line,signal=off \
		-device virtserialport,chardev=line,name=org.hello-mptcp.line \
		-fw_cfg "name=opt/org.hello-mptcp/settings,file=$scratch/settings" \
		-serial "file:$log" <"$scratch/line" >"$scratch/said" 2>"$scratch/fault" &
	machine=$!
	set +m
	exec 3>"$scratch/line"
}

is_alive() { kill -0 "$machine" 2>/dev/null; }
has_said() { grep -q "^$1" "$scratch/said"; }
show() { [ ! -t 2 ] || printf '\r\033[K%s' "$1" >&2; }
seconds() { echo $(($(date +%s) - began)); }

# Returns 1 when it is still there after so many seconds.
until_gone() {
	began=$(date +%s)
	while is_alive; do
		[ "$(seconds)" -lt "$1" ] || return 1
		sleep 0.1
	done
	machine=
}

turn_off() {
	trap 'exit 1' INT TERM HUP
	show 'Turning the machine off …'
	echo poweroff >&3
	until_gone "$TURN_OFF_SECONDS" || stop "The machine did not turn off within $TURN_OFF_SECONDS s, and was ended by force"
	show ''
	echo 'The machine is off.' >&2
	exit 0
}

for accelerator in $accelerators; do
	began=$(date +%s)
	begin
	trap turn_off INT TERM HUP
	shown=
	while is_alive && ! has_said ready; do
		step=$(sed -n 's/^step //p' "$scratch/said" | tail -n 1)
		[ -t 2 ] || [ "$step" = "$shown" ] || echo "$step" >&2
		shown=$step
		show "${step:-Starting the machine with $accelerator} … $(seconds) s"
		# Some machines have an accelerator that no kernel starts with.
		[ -n "$step" ] || [ "$(seconds)" -lt "$SIGN_OF_LIFE_SECONDS" ] || [ "$accelerator" = tcg ] || break
		sleep 0.2
	done
	show ''
	if has_said step || [ "$accelerator" = "${accelerators##* }" ]; then break; fi
	# No other accelerator mends that.
	if grep -q 'host forwarding' "$scratch/fault"; then break; fi
	echo "No kernel starts here with $accelerator: $(sed 1q "$scratch/fault"). The machine is emulated instead, which is slower." >&2
	trap - INT TERM HUP
	kill -9 "$machine" 2>/dev/null
	until_gone 5
	exec 3>&-
done

if has_said ready; then
	echo "Ready in $(seconds) s ($accelerator, cores: $cores, memory: $memory MiB). Ctrl-C turns the machine off." >&2
	echo "http://$address:$port/"
	sed -n 's/^runner //p' "$scratch/said" | sed 1d
	while is_alive; do sleep 0.5; done
elif [ "$doctor" = 1 ] && until_gone 5 && has_said 'done'; then
	sed -n 's/^runner //p' "$scratch/said"
	exit 0
fi
machine_end=$(sed -n 's/^failed //p' "$scratch/said")
tail -n 20 "$log" >&2
cat "$scratch/fault" >&2
stop "The machine has ended by itself${machine_end:+: $machine_end}. The lines above say more."
