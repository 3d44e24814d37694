# shellcheck shell=bash disable=SC1091,SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# What the virtual machine is made of, kept in a cache folder: for each Debian release a
# kernel with its modules and an initramfs, and for a release that is not this machine's a
# whole tree. Everything comes by the mirror that this machine's apt uses, and nothing is
# installed here. A part that is there is not fetched again; delete its folder to renew it.

say() { printf 'vm: %s\n' "$*" >&2; }
say_hint() { printf 'hint: %s\n' "$*" >&2; }

die()
{
	say "$1"
	[[ -z ${2-} ]] || say_hint "$2"
	exit 125
}

# need PROGRAM PACKAGE
need()
{
	command -v "$1" >/dev/null || die "$1 is missing" "apt-get install -y --no-install-recommends $2"
}

host_release() { (. /etc/os-release && echo "${VERSION_CODENAME:-unknown}"); }

default_cache()
{
	if ((EUID == 0)); then
		echo "${XDG_CACHE_HOME:-/var/cache}/masqgate-tests"
	else
		echo "${XDG_CACHE_HOME:-$HOME/.cache}/masqgate-tests"
	fi
}

# The mirror and the keyring of this machine's own Debian packages.
mirror()
{
	apt-get indextargets --format "\$(REPO_URI) \$(LABEL)" 'Created-By: Packages' |
		awk '$2 == "Debian" { print $1; exit }'
}

# apt_for RELEASE APT-PROGRAM ARG...: this machine's apt, looking at RELEASE.
# Another release's lists are kept in the cache, the system's own are not touched.
apt_for()
{
	local release=$1 program=$2 dir=$base/apt
	shift 2

	if [[ $release == "$(host_release)" ]]; then
		"$program" -o APT::Sandbox::User=root "$@"
	else
		"$program" -o APT::Sandbox::User=root -o Dir::Etc::sourcelist="$dir/sources.list" \
			-o Dir::Etc::sourceparts=- -o Dir::State="$dir" -o Dir::State::status="$dir/status" \
			-o Dir::Cache="$dir" "$@"
	fi
}

write_private_sources()
{
	local dir=$base/apt url
	url=$(mirror)

	[[ -n $url ]] || die "no Debian mirror found in apt's sources" "apt-get update"
	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	: >"$dir/status"
	printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
		"$url" "$release" >"$dir/sources.list"
	say "reading the package lists of $release"
	apt_for "$release" apt-get -qq update
}

fetch_kernel()
{
	local package tmp

	need modprobe kmod
	[[ $release == "$(host_release)" ]] || write_private_sources
	package=$(apt_for "$release" apt-cache depends linux-image-amd64 |
		awk '$1 == "Depends:" && $2 ~ /^linux-image-[0-9]/ { print $2; exit }')
	[[ -n $package ]] || die "apt does not know linux-image-amd64 of $release" "apt-get update"
	tmp=$(mktemp -d "$base/kernel.XXXXXX")
	say "downloading $package (about 100 MB, once)"
	(cd "$tmp" && apt_for "$release" apt-get -qq download "$package") ||
		die "cannot download $package" "apt-get update"
	say "unpacking $package"
	dpkg -x "$tmp"/*.deb "$tmp"
	rm "$tmp"/*.deb
	# A merged-/usr release may ship either path; the tools want /lib.
	[[ -d $tmp/lib/modules ]] || { mkdir -p "$tmp/lib" && mv "$tmp/usr/lib/modules" "$tmp/lib/"; }
	depmod -b "$tmp" "$(ls "$tmp/lib/modules")"
	chmod 755 "$tmp"
	mv -T "$tmp" "$base/kernel"
}

# Puts MODULE and what it needs into the initramfs folder, in loading order, once.
add_module()
{
	local kind path name

	modprobe -d "$base/kernel" -S "$version" --show-depends "$1" | while read -r kind path _; do
		[[ $kind == insmod ]] || continue
		name=$(basename "${path%.xz}")
		[[ ! -e $tmp/modules/$name ]] || continue
		if [[ $path == *.xz ]]; then
			xz -dc "$path" >"$tmp/modules/$name"
		else
			cp "$path" "$tmp/modules/$name"
		fi
		echo "$name" >>"$tmp/modules/order"
	done
}

pack_initramfs()
{
	local tmp version module busybox=/bin/busybox

	need cpio cpio
	if [[ ! -x $busybox ]] || ldd $busybox >/dev/null 2>&1; then
		die "no static busybox" "apt-get install -y --no-install-recommends busybox-static"
	fi
	version=$(ls "$base/kernel/lib/modules")
	tmp=$(mktemp -d)
	mkdir "$tmp/bin" "$tmp/modules"
	: >"$tmp/modules/order"
	for module in virtio_pci 9pnet_virtio 9p overlay; do
		add_module $module
	done
	cp $busybox "$tmp/bin/busybox"
	cp "$here/boot-init" "$tmp/init"
	chmod 755 "$tmp/init"
	(cd "$tmp" && find . | cpio -o -H newc --quiet | gzip -1) >"$base/initrd.new"
	rm -rf "$tmp"
	mv "$base/initrd.new" "$base/initrd"
}

wanted_packages() { grep -v '^#' "$here/packages" | xargs | tr ' ' ','; }

# A whole tree of another release, to be the machine's root and to build in.
make_tree()
{
	local tmp url

	((EUID == 0)) || die "making a tree of $release needs root" "sudo tests/vm/run --release $release --prepare"
	need debootstrap debootstrap
	url=$(mirror)
	[[ -n $url ]] || die "no Debian mirror found in apt's sources" "apt-get update"
	rm -rf "$base/tree" "$base"/tree.new
	tmp=$base/tree.new
	say "installing $release into $base/tree (some minutes, once)"
	debootstrap --variant=minbase --include="$(wanted_packages)" "$release" "$tmp" "$url" 2>&1 |
		tee "$base/tree.log" | awk 'NR % 60 == 0 { print "vm: " $0; fflush() }' >&2 ||
		die "debootstrap failed; its end: $(tail -n 3 "$base/tree.log")" "all of it is in $base/tree.log"
	rm -f "$tmp"/var/cache/apt/archives/*.deb
	wanted_packages >"$tmp/etc/masqgate-test-packages"
	mv -T "$tmp" "$base/tree"
}

# prepare_release RELEASE CACHE: makes sure that all is there; sets kernel, initrd,
# modules, root (what the machine's root is) and tree_at (where the machine must
# be shown our sources: empty when its root has them anyhow).
prepare_release()
{
	local release=$1
	base=$2/$release

	mkdir -p "$base" || die "cannot make the cache: $base" "--cache DIR says where"
	exec {cache_lock}>"$base/lock"
	flock "$cache_lock"
	[[ -d $base/kernel ]] || fetch_kernel
	[[ $base/initrd -nt $here/boot-init ]] || pack_initramfs
	root=/ tree_at=''
	if [[ $release != "$(host_release)" ]]; then
		root=$base/tree tree_at=$(cd "$here/../.." && pwd)
		wanted_packages | cmp -s - "$root/etc/masqgate-test-packages" || make_tree
	fi
	exec {cache_lock}>&-
	kernel=$(echo "$base"/kernel/boot/vmlinuz-*)
	initrd=$base/initrd
	modules=$base/kernel/lib/modules
}
