#!/usr/bin/env bash
# Unpacks a tarball in two places and runs it from both: packaging/test-tarball.sh FILE.tar.gz
set -euo pipefail
tarball=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for place in one "two words"; do
  mkdir "$place"
  tar -xzf "$tarball" -C "$place"
  mkdir "$place/desk"
  (cd "$place/desk" && env -u DISPLAY -u WAYLAND_DISPLAY ../ecg-panorama-*/bin/ecg-panorama normal)
done
cmp one/desk/panorama.pdf "two words/desk/panorama.pdf"
"two words"/ecg-panorama-*/bin/ecg-panorama integrate "$work/home"
[ -s "$work/home/share/applications/ecg-panorama.desktop" ]
echo "== passed"
