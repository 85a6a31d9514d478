#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Downloads Debian packages from suites (or for an architecture) that this
# machine is not configured for, without changing its configuration: apt runs
# with sources, lists and state of its own under the cache directory.
#
# usage: apt-private.sh download <arch> <suites> <directory> <package>...
#        apt-private.sh overlay <suite>
# overlay prints an apt configuration that knows this machine's own sources
# and packages, and one more suite: for "APT_CONFIG=... apt-get install".
# <suites>: comma-separated, tried in this order; "configured" is the machine's own release.
# download prints one line per package: the path of the .deb.
set -eu
. "$(dirname "$0")/lib.sh"

. /etc/os-release
[ -n "${VERSION_CODENAME-}" ] || die "cannot tell the Debian release from /etc/os-release"

# The mirror is whatever the machine itself uses for Debian's own packages.
mirror() {
	# shellcheck disable=SC2016 # for apt to expand
	apt-get indextargets --format '$(REPO_URI)' \
		'Created-By: Packages' 'Label: Debian' 2>/dev/null | head -n 1
}

# Debian's own keys; without the file, the keys that apt trusts anyway.
signed_by() {
	k=/usr/share/keyrings/debian-archive-keyring.gpg
	[ ! -r "$k" ] || printf 'signed-by=%s' "$k"
}

# setup <arch> <suite>: prints the apt configuration file for the pair
setup() {
	root=$CACHE/apt/$1-$2
	suite=$2
	[ "$suite" != configured ] || suite=$VERSION_CODENAME
	uri=$(mirror)
	[ -n "$uri" ] || die "no Debian mirror in this machine's apt sources; run 'apt-get update' as root first"
	mkdir -p "$root/lists/partial" "$root/archives/partial" "$root/parts"
	: >"$root/status"
	printf 'deb [arch=%s %s] %s %s main\n' "$1" "$(signed_by)" "$uri" "$suite" >"$root/sources.list"
	cat >"$root/apt.conf" <<-CONF
	APT::Architecture "$1";
	APT::Architectures { "$1"; };
	APT::Get::List-Cleanup "false";
	APT::Sandbox::User "root";
	Acquire::Languages "none";
	Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
	Dir::Etc::SourceList "$root/sources.list";
	Dir::Etc::SourceParts "$root/parts";
	Dir::Etc::Preferences "$root/none";
	Dir::Etc::PreferencesParts "$root/parts";
	Dir::State "$root";
	Dir::State::Lists "$root/lists";
	Dir::State::Status "$root/status";
	Dir::Cache "$root";
	Dir::Cache::Archives "$root/archives";
	CONF
	printf '%s\n' "$root/apt.conf"
}

# Lists are refreshed at most once a day.
refresh() {
	stamp=$(dirname "$1")/updated
	[ -z "$(find "$stamp" -mmin -1440 2>/dev/null)" ] || return 0
	APT_CONFIG=$1 apt-get -q update >"$(dirname "$1")/update.log" 2>&1 || return 1
	! grep -q '^\(Err\|W: Failed\|E:\)' "$(dirname "$1")/update.log" || return 1
	touch "$stamp"
}

download() {
	arch=$1 suites=$2 dir=$3
	shift 3
	mkdir -p "$dir"
	for pkg; do
		have=$(find "$dir" -name "${pkg}_*.deb" | sort | tail -n 1)
		[ -n "$have" ] || have=$(download_one "$arch" "$suites" "$dir" "$pkg")
		printf '%s\n' "$have"
	done
}

download_one() {
	for suite in $(printf '%s' "$2" | tr ',' ' '); do
		conf=$(setup "$1" "$suite")
		say "looking for $4 ($1) in $suite"
		refresh "$conf" || { say "suite $suite could not be read (see $(dirname "$conf")/update.log)"; continue; }
		APT_CONFIG=$conf apt-cache policy "$4" | grep -q 'Candidate: [0-9]' || continue
		say "downloading $4 from $suite"
		part=$3/.part
		mkdir -p "$part"
		(cd "$part" && APT_CONFIG=$conf apt-get -q download "$4" >&2) || { say "download of $4 failed"; continue; }
		mv "$part/$4"_*.deb "$3/"
		find "$3" -maxdepth 1 -name "$4_*.deb"
		return 0
	done
	die "package $4 ($1) is in none of: $2. Put its .deb into $3 by hand and repeat."
}

overlay() {
	root=$CACHE/apt/overlay-$1
	mkdir -p "$root/lists/partial" "$root/archives/partial"
	uri=$(mirror)
	[ -n "$uri" ] || die "no Debian mirror in this machine's apt sources"
	{
		cat /etc/apt/sources.list 2>/dev/null || :
		printf 'deb [arch=%s %s] %s %s main\n' \
			"$(dpkg --print-architecture)" "$(signed_by)" "$uri" "$1"
	} >"$root/sources.list"
	cat >"$root/apt.conf" <<-CONF
	Acquire::Languages "none";
	Dir::Etc::SourceList "$root/sources.list";
	Dir::State::Lists "$root/lists";
	Dir::Cache::Archives "$root/archives";
	CONF
	APT_CONFIG=$root/apt.conf apt-get -q update >"$root/update.log" 2>&1 ||
		die "suite $1 could not be read (see $root/update.log)"
	printf '%s\n' "$root/apt.conf"
}

if [ $# = 2 ] && [ "$1" = overlay ]; then
	overlay "$2"
	exit
fi
if [ $# -lt 5 ] || [ "$1" != download ]; then
	die "usage: see the head of $0"
fi
shift
download "$@"
