# Read by each shell of a lab's host (bash(1)).
PS1='\[\e[1;32m\]\h\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]# '
HISTFILE=$HOME/.bash_history
HISTSIZE=1000
shopt -s histappend checkwinsize
PROMPT_COMMAND='history -a'
export EDITOR=nano PAGER=less LESS=-FRX
alias ls='ls --color=auto' ip='ip --color=auto'
[ -r /usr/share/bash-completion/bash_completion ] && . /usr/share/bash-completion/bash_completion

# iproute2 brings no completion for ip(8): the words of its MPTCP part, and of what a lesson needs beside it.
_ip_words() {
	case "${COMP_WORDS[*]:1:COMP_CWORD-1}" in
	'') echo address link mptcp route rule neigh monitor -brief -color -statistics ;;
	mptcp) echo endpoint limits monitor help ;;
	'mptcp endpoint') echo show add change delete flush ;;
	'mptcp endpoint add'*) echo dev id port signal subflow backup fullmesh $(_ip_addresses) $(_ip_interfaces) ;;
	'mptcp endpoint change'*) echo id backup nobackup fullmesh nofullmesh $(_ip_addresses) ;;
	'mptcp endpoint delete'*) echo id $(_ip_addresses) ;;
	'mptcp limits') echo show set ;;
	'mptcp limits set'*) echo subflows add_addr_accepted ;;
	link) echo show set ;;
	'link set') echo dev $(_ip_interfaces) ;;
	'link set '*) echo up down mtu $(_ip_interfaces) ;;
	address | route | rule) echo show add delete ;;
	*) _ip_interfaces ;;
	esac
}
_ip_interfaces() { command ls /proc/sys/net/ipv4/conf | grep -v -x -e all -e default; }
_ip_addresses() { command ip -oneline address | awk '{ sub("/.*", "", $4); print $4 }'; }
_ip() { mapfile -t COMPREPLY < <(compgen -W "$(_ip_words)" -- "${COMP_WORDS[COMP_CWORD]}"); }
complete -F _ip ip
