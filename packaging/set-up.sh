#!/usr/bin/env bash
# Makes a checkout runnable: system packages, .venv, the locked versions, the project itself.
#
#   [PYTHON=python3.12] [VENV=.venv] packaging/set-up.sh [--for-tests | --for-package]
#
# Called by make before everything else; when there is nothing to do it takes a moment and says nothing.
# System packages are looked for by what they hold (a command, a library), not by name, so that a system that
# has them from elsewhere is left alone. Only Debian and Ubuntu are installed on, and only for root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export UV_PYTHON_DOWNLOADS=never
venv=${VENV:-.venv}

say() { printf 'set-up: %s\n' "$*" >&2; }
stop() { printf 'set-up: %s\n' "$*" >&2; exit 1; }

# --- System packages -----------------------------------------------------------------------------

missing=()
command_from() { command -v "$1" >/dev/null || missing+=("$2"); }
library_from() { grep -qF "$1 " <<<"$libraries" || missing+=("$2"); }

suits() { PYTHON="$1" packaging/find-pythons.sh >/dev/null 2>&1; }

# PyAV is built against Python's headers, and PyInstaller takes its shared library along.
list_missing_of_python() {
    local python=$venv/bin/python prefix lacking
    suits "$python" || python=$(packaging/find-pythons.sh 2>/dev/null | head -1)
    [ -n "$python" ] || { missing+=(python3-dev); return; }
    { read -r prefix; read -r lacking; } < <("$python" -c '
import os, sys, sysconfig
of = sysconfig.get_config_var
has_headers = os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h"))
has_library = of("Py_ENABLE_SHARED") and os.path.exists(os.path.join(of("LIBDIR"), of("INSTSONAME")))
print(sys.base_prefix, "python%d.%d-dev" % sys.version_info[:2])
print(" and ".join(["headers (Python.h)"] * (not has_headers) + ["shared library"] * (not has_library)))')
    [ -n "$lacking" ] || return 0
    case "$prefix" in
        "/usr "*) missing+=("${prefix#* }") ;;
        *) stop "$python lacks its $lacking, which a package needs. Install them, or build that Python with --enable-shared; then run make again." ;;
    esac
}

list_missing() {
    missing=()
    libraries=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p)
    if ! suits "$venv/bin/python"; then
        packaging/find-pythons.sh >/dev/null || { [ -z "${PYTHON:-}" ] && missing+=(python3 python3-venv); } || exit 1
    fi
    # llama.cpp is built here; cmake and ninja come from PyPI into the build's own environment
    command_from cc gcc
    command_from c++ g++
    library_from libgomp.so.1 libgomp1
    # Qt's window system plugins (readelf -d of libqxcb.so, libqoffscreen.so and libQt6Gui.so), all but what these pull in
    library_from libEGL.so.1 libegl1
    library_from libGL.so.1 libgl1
    library_from libdbus-1.so.3 libdbus-1-3
    library_from libfontconfig.so.1 libfontconfig1
    library_from libglib-2.0.so.0 libglib2.0-0
    library_from libX11-xcb.so.1 libx11-xcb1
    library_from libxkbcommon.so.0 libxkbcommon0
    library_from libxkbcommon-x11.so.0 libxkbcommon-x11-0
    library_from libxcb-cursor.so.0 libxcb-cursor0
    library_from libxcb-icccm.so.4 libxcb-icccm4
    library_from libxcb-image.so.0 libxcb-image0
    library_from libxcb-keysyms.so.1 libxcb-keysyms1
    library_from libxcb-randr.so.0 libxcb-randr0
    library_from libxcb-render-util.so.0 libxcb-render-util0
    library_from libxcb-shape.so.0 libxcb-shape0
    library_from libxcb-shm.so.0 libxcb-shm0
    library_from libxcb-sync.so.1 libxcb-sync1
    library_from libxcb-xfixes.so.0 libxcb-xfixes0
    library_from libxcb-xkb.so.1 libxcb-xkb1
    # PulseAudio and PipeWire are spoken to through it
    library_from libpulse-simple.so.0 libpulse0
    if [ "${1:-}" = --for-tests ]; then
        command_from Xvfb xvfb
        command_from xdotool xdotool
        command_from strace strace
        command_from dbus-run-session dbus-daemon # the keychain is tried with a real Secret Service
        command_from gnome-keyring-daemon gnome-keyring
        command_from pulseaudio pulseaudio # calls are played through both sound servers, into a null sink
        command_from pactl pulseaudio-utils
        command_from pipewire pipewire
        command_from pipewire-pulse pipewire-pulse
        command_from wireplumber wireplumber
        command_from makensis nsis # the installer for Windows is compiled
    fi
    if [ "${1:-}" = --for-package ]; then
        command_from objdump binutils # PyInstaller asks it which libraries a file needs
        command_from dpkg-deb dpkg
        command_from gzip gzip
        command_from xz xz-utils
        command_from curl curl # FFmpeg is built here too, without what is under the GPL
        command_from make make
        command_from nasm nasm
        command_from pkg-config pkg-config
        list_missing_of_python
    fi
}

if [ "$(uname)" = Linux ]; then
    list_missing "$@"
    if [ ${#missing[@]} -gt 0 ]; then
        say "these system packages are missing: ${missing[*]}"
        command -v apt-get >/dev/null || stop "install what corresponds to them on this system, then run make again."
        [ "$(id -u)" = 0 ] || stop "install them, then run make again:  sudo apt-get install ${missing[*]}"
        say "installing them with apt-get"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
        ldconfig 2>/dev/null || true
        list_missing "$@"
        [ ${#missing[@]} -eq 0 ] || stop "still missing after the installation: ${missing[*]}"
    fi
fi

# --- The environment -----------------------------------------------------------------------------

if command -v flock >/dev/null; then # two makes at a time: the second waits, then finds nothing to do
    exec 9<pyproject.toml
    flock 9
fi

locks=(requirements.lock)
[ "${1:-}" != --for-package ] || locks+=(packaging/freezer.lock)
stamp=$({ pwd; cat "${locks[@]}" pyproject.toml packaging/*.sh packaging/tools.lock; } | cksum)
[ "$(cat "$venv"/set-up.stamp 2>/dev/null)" != "$stamp" ] || exit 0

if ! suits "$venv/bin/python"; then
    read -r python < <(packaging/find-pythons.sh) || exit 1
    say "making $venv with $("$python" --version)"
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi

if ! "$venv"/bin/uv --version >/dev/null 2>&1; then
    say "installing uv into $venv"
    "$venv"/bin/python -m pip --version >/dev/null 2>&1 || "$venv"/bin/python -m ensurepip >/dev/null
    uv_alone=$(mktemp)
    trap 'rm -f "$uv_alone"' EXIT
    awk '/^[^ #]/ { wanted = /^uv==/ } wanted' requirements.lock >"$uv_alone"
    "$venv"/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r "$uv_alone"
fi

say "installing the versions of requirements.lock; the first time on a computer llama.cpp is built, which takes"
say "some minutes, and is then kept in uv's cache for every other checkout"
export VIRTUAL_ENV=$PWD/$venv
# llama.cpp reads strangers' files: it is built with the compiler's and the linker's guards, and with locked tools. They
# are set here and not in pyproject.toml, since other systems' linkers know no such flags. uv keeps a build for each set.
guards=()
if [ "$(uname)" = Linux ]; then
    guard="-fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"
    for setting in "CMAKE_C_FLAGS=$guard" "CMAKE_CXX_FLAGS=$guard" \
        "CMAKE_SHARED_LINKER_FLAGS=-Wl,-z,relro,-z,now,-z,noexecstack"; do
        guards+=(--config-settings-package "llama-cpp-python:cmake.define.$setting")
    done
fi
# A package is for every laptop: a library for each generation of processors, of which llama.cpp takes the best at run time.
# PyAV is built for it, with an FFmpeg without what is under the GPL; its setting only makes uv keep that build apart.
if [ "${1:-}" = --for-package ]; then
    for setting in GGML_BACKEND_DL=ON GGML_CPU_ALL_VARIANTS=ON; do
        guards+=(--config-settings-package "llama-cpp-python:cmake.define.$setting")
    done
    packaging/make-ffmpeg.sh build/package/ffmpeg
    export PKG_CONFIG_PATH=$PWD/build/package/ffmpeg/lib/pkgconfig
    guards+=(--no-binary av --config-settings-package "av:ffmpeg=$(cksum <build/package/ffmpeg/stamp | cut -d' ' -f1)")
fi
flags="${guards[*]-}"
# A package that was built otherwise counts as installed. It is taken out first; --reinstall would build it once more, where
# uv's cache has it.
if [ "$(cat "$venv/llama.flags" 2>/dev/null)" != "$flags" ]; then
    "$venv"/bin/uv pip uninstall --quiet llama-cpp-python av 2>/dev/null || true
fi
export UV_LOCK_TIMEOUT=3600 # seconds
if command -v flock >/dev/null; then # two checkouts at a time: the second waits here, and finds what the first has built
    cache=$("$venv"/bin/uv cache dir)
    mkdir -p "$cache"
    exec 8>"$cache/tacit-set-up.lock"
    flock 8
fi
# Compiled now: a worker may write nothing, so it could not keep what it compiles, and would do it at each start.
"$venv"/bin/uv pip sync --quiet --require-hashes --compile-bytecode ${guards[@]+"${guards[@]}"} \
    --build-constraints packaging/tools.lock "${locks[@]}"
echo "$flags" >"$venv/llama.flags"
exec 8>&-
"$venv"/bin/uv pip install --quiet --no-deps --no-build-isolation --editable .

# The command takes no code from the environment or the current folder: python -I. Of a long path, or one with spaces, the
# installer makes a line of sh instead.
sed -i.bak -e '1s|^#!\(/.*python[0-9.]*\)$|#!\1 -I|' -e "s|^\('''exec' .*python[0-9.]*[\"']*\) \"\$0\"|\1 -I \"\$0\"|" \
    "$venv/bin/tacit"
rm -f "$venv/bin/tacit.bak"

echo "$stamp" >"$venv/set-up.stamp"
say "done"
