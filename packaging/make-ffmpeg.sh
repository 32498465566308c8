#!/usr/bin/env bash
# Builds the half of FFmpeg that Tacit uses, from locked sources: it reads sound, and writes nothing.
#
#   packaging/make-ffmpeg.sh FOLDER
#
# PyAV's wheel has x264 and x265 inside, which are under the GPL (docs/decisions/0059-licences.md). What is built here is
# LGPL-2.1-or-later: all containers, all sound decoders, no encoder, no muxer, no picture, no device, no network.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
target=$1
read -r name digest addresses < <(grep '^ffmpeg-' packaging/sources.lock)
stamp=$({ echo "$name $digest"; cat packaging/make-ffmpeg.sh; } | cksum)
[ "$(cat "$target/stamp" 2>/dev/null)" != "$stamp" ] || exit 0

say() { printf 'ffmpeg: %s\n' "$*" >&2; }
archive=${target%/*}/$name.tar.xz
mkdir -p "${target%/*}"
is_fetched() { echo "$digest  $archive" | sha256sum --check --status 2>/dev/null; }
for address in $addresses; do
    is_fetched && break
    say "fetching $name from $address"
    curl --fail --silent --show-error --location --output "$archive" "$address" || continue
    is_fetched || say "the file at $address is another one."
done
is_fetched || { say "no address of packaging/sources.lock gave $name; nothing was built."; exit 1; }
source=$(mktemp -d)
trap 'rm -rf "$source"' EXIT
tar --extract --file "$archive" --directory "$source" --strip-components 1
decoders=$(sed -n '/\/\* audio codecs \*\//,/\/\* subtitles \*\//s/.*FFCodec ff_\(.*\)_decoder;.*/\1/p' "$source/libavcodec/allcodecs.c" | paste -sd,)
guard="-fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -ffile-prefix-map=$source=ffmpeg"
rm -rf "$target"
say "building $name, which takes some minutes"
(
    cd "$source"
    ./configure --prefix="$OLDPWD/$target" --enable-shared --disable-static --disable-autodetect --enable-zlib \
        --disable-programs --disable-doc --disable-debug --disable-network --disable-devices --disable-hwaccels \
        --disable-encoders --disable-muxers --disable-protocols --enable-protocol=file \
        --disable-filters --enable-filter=atempo,aformat,aresample,anull,volume \
        --disable-decoders --enable-decoder="$decoders" \
        --extra-cflags="$guard" --extra-ldflags="-Wl,-z,relro,-z,now,-z,noexecstack" >/dev/null
    make -j "${BUILD_JOBS:-$(nproc)}" >/dev/null 2>build.log || { tail -20 build.log >&2; exit 1; }
    make install >/dev/null
)
rm -rf "$target/share"
cp "$source/COPYING.LGPLv2.1" "$target/"
echo "$stamp" >"$target/stamp"
