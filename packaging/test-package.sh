#!/usr/bin/env bash
# Takes the Debian package through a bare Debian: installed, used, updated, removed and purged. One line a step.
#
#   [SUITE=bookworm] [MIRROR=http://deb.debian.org/debian] packaging/test-package.sh [DEB]
#
# The root has no Python, compiler, sound server or display of its own, and Tacit runs in it as an ordinary user, in a network
# namespace with nothing in it. As root, on Debian or Ubuntu, with debootstrap, xvfb and xdotool.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
suite=${SUITE:-bookworm} mirror=${MIRROR:-http://deb.debian.org/debian}
deb=${1:-$(ls -t dist/tacit_*_amd64.deb 2>/dev/null | head -1)}
[ "$(id -u)" = 0 ] || { echo "test-package: this needs root, for a root of its own." >&2; exit 2; }
[ -f "$deb" ] || { echo "test-package: there is no package yet; run make package first." >&2; exit 2; }
for command in debootstrap unshare Xvfb xdotool; do
    command -v "$command" >/dev/null || { echo "test-package: $command is missing; install it first." >&2; exit 2; }
done
# Mounts and processes are of namespaces of our own, and end with them: the package's scripts see no Tacit that is open here.
if [ -z "${TACIT_TEST_ROOT:-}" ]; then
    export TACIT_TEST_ROOT=1
    exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc -- "$0" "$deb"
fi

root=$PWD/build/package/root-$suite base=$PWD/build/package/$suite.tar log=$PWD/build/package/test-package.log
person=1000 home=/home/person display=${TACIT_TEST_DISPLAY:-95}
: >"$log"

passed() { printf 'ok    %s\n' "$*"; }
failed() { printf 'FAIL  %s\n' "$*"; tail -25 "$log" >&2; exit 1; }
step() { # step NAME COMMAND...: the command succeeds
    local name=$1
    shift
    echo "== $name" >>"$log"
    if "$@" >>"$log" 2>&1; then passed "$name"; else failed "$name"; fi
}
says() { # says NAME TEXT COMMAND...: it succeeds, and says this
    local name=$1 text=$2 said
    shift 2
    echo "== $name" >>"$log"
    said=$("$@" 2>&1) || { printf '%s\n' "$said" >>"$log"; failed "$name"; }
    printf '%s\n' "$said" >>"$log"
    grep -qF -- "$text" <<<"$said" && passed "$name" || failed "$name: «$text» was not said"
}
silent() { # silent NAME COMMAND...: it succeeds, and says nothing
    local name=$1 said
    shift
    echo "== $name" >>"$log"
    said=$("$@" 2>&1) || { printf '%s\n' "$said" >>"$log"; failed "$name"; }
    [ -z "$said" ] || { printf '%s\n' "$said" >>"$log"; failed "$name"; }
    passed "$name"
}
absent() { # absent PATH...: none of them is there
    local path
    for path in "$@"; do [ ! -e "$path" ] || { echo "$path is there"; return 1; }; done
}
as_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"; }
as_person() { # without a network, and with nothing of the environment here
    unshare --net chroot --userspec=$person:$person "$root" /usr/bin/env -i PATH=/usr/bin:/bin HOME=$home LC_ALL=C.UTF-8 \
        TACIT_PASSPHRASE_FILE=$home/passphrase DISPLAY=:$display "$@"
}
windows=()
end_own() { for process in "${windows[@]}"; do kill "$process" 2>/dev/null || true; done; }
trap end_own EXIT

# --- A bare root -----------------------------------------------------------------------------------

if [ ! -f "$base" ]; then
    rm -rf "$root"
    step "a bare $suite is made" debootstrap --variant=minbase "$suite" "$root" "$mirror"
    tar --create --file "$base" --directory "$root" .
fi
rm -rf "$root"
mkdir -p "$root"
tar --extract --file "$base" --directory "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in "null 1 3" "zero 1 5" "full 1 7" "random 1 8" "urandom 1 9" "tty 5 0"; do
    read -r name major minor <<<"$device"
    mknod -m 666 "$root/dev/$name" c "$major" "$minor"
done
mkdir -m 1777 "$root/dev/shm"
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
for setting in /etc/apt/apt.conf.d/*proxy*; do [ ! -f "$setting" ] || cp "$setting" "$root/etc/apt/apt.conf.d/"; done
as_root useradd --create-home --uid $person person
echo "plain horses eat correct batteries" >"$root$home/passphrase"
chown $person:$person "$root$home/passphrase"
as_root dpkg --purge --force-depends tzdata >>"$log" 2>&1 || true
step "it has no Python, no compiler, no X and no zones of time" absent "$root"/usr/bin/python3* "$root/usr/bin/gcc" \
    "$root/usr/lib/x86_64-linux-gnu/libX11.so.6" "$root/usr/share/zoneinfo/UTC"

# --- An older version, with a vault -----------------------------------------------------------------

old=$root/tmp/old
dpkg-deb --raw-extract "$deb" "$old"
version=$(dpkg-deb --field "$deb" Version)
sed -i 's/^Version: .*/Version: 0.0.1/' "$old/DEBIAN/control"
echo "stale" >"$old/usr/lib/tacit/_internal/stale.txt"
echo "{\"version\": \"0.0.1\"}" >"$old/usr/lib/tacit/_internal/build.json"
sed -i '/build.json$/d' "$old/DEBIAN/md5sums"
dpkg-deb --root-owner-group -Znone --build "$old" "$root/tmp/old.deb" >/dev/null
rm -rf "$old"
cp "$deb" "$root/tmp/new.deb"
as_root apt-get update -qq >>"$log" 2>&1 || true
step "an older package is installed, with what it depends on" as_root apt-get install -y -qq --no-install-recommends /tmp/old.deb
says "tacit --version" "tacit, version" as_person tacit --version
step "a vault is made, and a call comes in" as_person tacit import /usr/lib/tacit/_internal/assets/demo/website-launch.opus
says "tacit list" "Website launch" as_person tacit list

# --- The update -------------------------------------------------------------------------------------

Xvfb ":$display" -screen 0 1360x900x24 -nolisten tcp >>"$log" 2>&1 &
windows+=($!)
mkdir -p "$root/tmp/.X11-unix"
for second in 1 2 3 4 5; do [ -S "/tmp/.X11-unix/X$display" ] && break || sleep 1; done
mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
open_window() {
    as_person tacit >>"$log" 2>&1 &
    windows+=($!)
    window=$!
    DISPLAY=:$display timeout 30 xdotool search --sync --onlyvisible --name '^Tacit$' >>"$log" 2>&1
}
step "the window opens, under X" open_window
says "installing over it asks the open window to close" "is asked to close" as_root apt-get install -y -qq --no-install-recommends /tmp/new.deb
has_ended() { for second in 1 2 3 4 5 6 7 8; do kill -0 "$window" 2>/dev/null || return 0; sleep 1; done; return 1; }
step "the window has ended" has_ended
step "the old tree is gone, and nothing of it lies over" absent "$root/usr/lib/tacit/_internal/stale.txt"
says "the new version is there" "\"version\": \"$version\"" cat "$root/usr/lib/tacit/_internal/build.json"
silent "every file is as it was built" as_root dpkg --verify tacit
tells_a_change() {
    echo >>"$root/usr/share/doc/tacit/copyright"
    grep -qF /usr/share/doc/tacit/copyright <<<"$(as_root dpkg --verify tacit)"
}
step "which would be told of one that is not" tells_a_change
says "the vault of before opens" "Website launch" as_person tacit list

# --- Use --------------------------------------------------------------------------------------------

says "tacit doctor" "language engine: Tacit demo answers" as_person tacit doctor
says "tacit doctor --offline" "every one was refused" as_person tacit doctor --offline
says "tacit doctor --licences" "FFmpeg" as_person tacit doctor --licences
says "tacit demo" "The demo's vault was deleted." as_person tacit demo
step "the tasks go into a calendar" as_person tacit todo --export $home/tasks.ics
step "which has one" grep -q "^BEGIN:VTODO" "$root$home/tasks.ics"
step "the window opens at the lock screen" open_window
type_passphrase() {
    DISPLAY=:$display xdotool search --sync --onlyvisible --name '^Tacit$' windowfocus
    sleep 3
    DISPLAY=:$display xdotool type --delay 20 "plain horses eat correct batteries"
    DISPLAY=:$display xdotool key Return
    for second in 1 2 3 4 5 6 7 8 9 10 11 12; do
        grep -F "is open in another" <<<"$(as_person tacit list 2>&1)" && return
        sleep 1
    done
    return 1
}
step "it opens the vault for the passphrase that is typed" type_passphrase
close_window() { pkill -TERM -P "$window" && has_ended; }
step "the window closes when it is told to" close_window

# --- The end ----------------------------------------------------------------------------------------

step "the window opens a last time" open_window
says "removing it asks the open window to close" "is asked to close" as_root apt-get remove -y -qq tacit
step "it says where the vaults are" grep -qF "    $home/.local/share/tacit" <(tail -8 "$log")
step "that window has ended too" has_ended
step "nothing of the program is left" absent "$root/usr/lib/tacit" "$root/usr/bin/tacit"
step "the vault is left" test -f "$root$home/.local/share/tacit/vault/vault.hdr"
says "purging it explains, and deletes nobody's vault" "only their owners may decide" as_root apt-get purge -y -qq tacit
step "the vault is still there" test -f "$root$home/.local/share/tacit/vault/vault.hdr"
echo "The package was installed, used, updated, removed and purged in a bare $suite."
