#!/usr/bin/env bash
# Prints the Pythons of this computer that Tacit can run on, one for each version, the preferred one first.
#
#   [PYTHON=python3.12] packaging/find-pythons.sh
#
# A Python that PYTHON names is the only one asked. Without a fitting one it says so in a sentence and fails.
set -euo pipefail

# The range of requires-python in pyproject.toml. Starting venv is what fails where Debian's python3-venv is missing;
# pyenv's stand-ins exist for versions that are not there and fail too.
version_of() { "$1" -c 'import ensurepip, sys, venv; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

names=("${PYTHON:-}")
[ -n "${PYTHON:-}" ] || names=(python3 python3.13 python3.12 python3.11 "$HOME"/.pyenv/versions/3.1[123].*/bin/python3)
found=" " others=()
for name in "${names[@]}"; do
    if ! command -v "$name" >/dev/null; then
        [ -z "${PYTHON:-}" ] || others+=("no command $name")
        continue
    fi
    version=$(version_of "$name") || version=""
    case "$version" in
        3.11 | 3.12 | 3.13)
            [[ "$found" == *" $version "* ]] || command -v "$name"
            found+="$version "
            ;;
        "") others+=("$name, which has no venv module or does not start") ;;
        *) others+=("Python $version") ;;
    esac
done
[ "$found" = " " ] || exit 0
printf -v there '%s; ' "${others[@]:-none}"
echo "set-up: Python 3.11, 3.12 or 3.13 is needed, with its venv module; found: ${there%; }." >&2
exit 1
