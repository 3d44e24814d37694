# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Completion of masqctl's command line. Commands and options are read from its usage, columns from its own list, sessions
# from masqd, if it is running.

_masqctl_commands() { masqctl --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p' | uniq; }

_masqctl_options() { masqctl --help 2>/dev/null | sed -n '/^Options:/,/^$/s/.* \(--[a-z-]*\).*/\1/p'; }

# _masqctl_columns COMMAND: which may be of two words
_masqctl_columns()
{
	local -a named
	read -ra named <<<"$1"
	masqctl "${named[@]}" --columns=help 2>/dev/null | sed -n 's/^[* ] \([A-Z-]*\) .*/\L\1/p'
}

# What stands behind arp: its subcommands, in whatever column its usage has them
_masqctl_arp() { masqctl --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  arp \([a-z]\+\) .*/\1/p'; }

# The keys of a policy
_masqctl_keys() { _masqctl_columns policies | grep -vx -e name -e sessions -e line -e port-blocks-free; }

# Only plain names: clients choose them, and bash does not quote what is completed.
_masqctl_sessions()
{
	masqctl list --no-headings --timeout 1 -o ifname,user 2>/dev/null |
		awk '$1 !~ /[^[:alnum:].:_-]/ && $1 != "-" { print $1 } NF == 2 && $2 !~ /[^[:alnum:]@._-]/ && $2 != "-" { print "user=" $2 }'
}

# _masqctl_words WORD BEFORE COMMAND: what could stand here
_masqctl_words()
{
	case $2 in
	--columns | -o | --sort | -s) _masqctl_columns "${3:-list}" && return ;;
	--socket | --arp-socket) compgen -f -- "$1" && return ;;
	--proto) printf '%s\n' tcp udp icmp && return ;;
	--color) printf '%s\n' auto always never && return ;;
	--limit | -n | --timeout | --reason | --address | --policy | --user | --confirm | --at | --since | --until) return ;;
	esac
	case $3,$1 in
	*,--color=*) printf '%s\n' --color={auto,always,never} ;;
	*,--json=*) printf '%s\n' --json={pretty,compact,lines} ;;
	*,-*) _masqctl_options ;;
	,*) _masqctl_commands ;;
	wait,*) _masqctl_columns list | sed 's/$/=/' && echo ready ;;
	arp,*) _masqctl_arp && _masqctl_columns arp | sed 's/$/=/' ;;
	'arp conflicts,'*) _masqctl_columns 'arp conflicts' | sed 's/$/=/' ;;
	'arp add,'* | 'arp del,'*) ls /sys/class/net ;;
	list,* | policies,* | uplinks,* | diff,* | history,*) _masqctl_columns "$3" | sed 's/$/=/' ;;
	show,* | kick,* | explain,*) _masqctl_sessions ;;
	reset-quota,*) _masqctl_sessions | sed -n 's/^user=//p' ;;
	set,* | unset,*)
		_masqctl_sessions
		_masqctl_keys | if [[ $3 == set ]]; then sed 's/$/=/'; else cat; fi
		;;
	attach,* | detach,*) ls /sys/class/net ;;
	check,*) compgen -f -- "$1" ;;
	esac
}

# Words are what blanks part: bash itself would split user=NAME at the sign, and wants only what is behind it.
_masqctl()
{
	local line=${COMP_LINE:0:COMP_POINT} word before=- command='' commands candidate
	local -a words
	word=${line##*[[:blank:]]}
	read -ra words <<<"${line%"$word"}"
	commands=" $(_masqctl_commands | tr '\n' ' ')"
	for candidate in "${words[@]:1}"; do
		[[ $command != arp || " $(_masqctl_arp | tr '\n' ' ')" != *" $candidate "* ]] || command="arp $candidate"
		[[ -n $command || $commands != *" $candidate "* ]] || command=$candidate
		before=$candidate
	done
	COMPREPLY=()
	while IFS= read -r candidate; do
		# not by compgen -W, which would run what a file's name says
		[[ $candidate != "$word"* ]] || COMPREPLY+=("${candidate#"${word%"${word##*=}"}"}")
	done < <(_masqctl_words "$word" "$before" "$command")
	[[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
}

complete -F _masqctl masqctl
