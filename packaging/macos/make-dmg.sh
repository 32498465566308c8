#!/usr/bin/env bash
# Signs the frozen program, packs it into a disk image and has Apple notarise it. Written, and not yet tried on a Mac.
#
#   SIGNING_IDENTITY="Developer ID Application: …" NOTARY_PROFILE=tacit packaging/macos/make-dmg.sh dist/Tacit.app VERSION
#
# Without SIGNING_IDENTITY it signs for this computer alone, and without NOTARY_PROFILE nothing is sent to Apple.
# The download worker needs the network, and the sandbox of the App Store knows rights of whole programs only: so Tacit is
# not in that sandbox, and its workers are kept offline by Seatbelt (app/engines/sandbox/seatbelt.py).
set -euo pipefail
app=$1 version=$2 here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
identity=${SIGNING_IDENTITY:--}
timestamp=(--timestamp)
[ "$identity" != - ] || timestamp=()
find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' \) -print0 |
    xargs -0 codesign --force --options runtime ${timestamp[@]+"${timestamp[@]}"} --sign "$identity"
codesign --force --options runtime ${timestamp[@]+"${timestamp[@]}"} --entitlements "$here/entitlements.plist" --sign "$identity" "$app"
codesign --verify --deep --strict "$app"
image=$(dirname "$app")/Tacit-$version.dmg
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -R "$app" "$folder/"
ln -s /Applications "$folder/Applications"
hdiutil create -volname "Tacit $version" -srcfolder "$folder" -ov -format UDZO "$image"
[ "$identity" = - ] || codesign --sign "$identity" --timestamp "$image"
if [ -n "${NOTARY_PROFILE:-}" ]; then
    xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
    xcrun stapler staple "$image"
fi
shasum -a 256 "$image"
