#!/usr/bin/env bash
# Installs a Debian package, opens its window under a virtual display, writes a page without one, asks what a double click would
# start, and removes it again. As root, on a machine that may be changed: packaging/test-deb.sh FILE.deb
set -euo pipefail
deb=$(realpath "$1")
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"; apt-get remove -yq ecg-panorama >/dev/null 2>&1 || true' EXIT
say() { printf '== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

say install
export DEBIAN_FRONTEND=noninteractive
apt-get install -yq --no-install-recommends "$deb" xdg-utils libglib2.0-bin shared-mime-info desktop-file-utils xvfb xauth imagemagick mesa-vulkan-drivers libvulkan1 >/dev/null
command -v ecg-panorama
desktop-file-validate /usr/share/applications/ecg-panorama.desktop
[ -s /usr/share/man/man1/ecg-panorama-synth.1.gz ] || fail "no manual page"
[ -s /usr/share/doc/ecg-panorama/licences.txt ] || fail "no licences"

say "a page without a display"
cd "$work"
env -u DISPLAY -u WAYLAND_DISPLAY ecg-panorama normal
head -c 5 panorama.pdf | grep -q %PDF- || fail "no page"

say "file types"
export XDG_CURRENT_DESKTOP=GNOME # asks the shared list of file types, as desktops do
cp "$here/assets/demos/normal.edf" a.edf
printf '{"kind":"ecg-panorama session"}' >a.panorama
for pair in a.edf:application/x-edf a.panorama:application/x-ecg-panorama; do
  found=$(xdg-mime query filetype "${pair%%:*}")
  [ "$found" = "${pair#*:}" ] || fail "${pair%%:*} is $found"
  opens=$(xdg-mime query default "$found")
  [ "$opens" = ecg-panorama.desktop ] || fail "$found opens with '$opens'"
done

say "the window"
cat >window.sh <<'W'
ecg-panorama a.edf & program=$!
for _ in $(seq 60); do
  sleep 1
  import -window root window.png
  [ "$(identify -format %k window.png)" -gt 200 ] && break
done
kill $program
W
xvfb-run -a -s "-screen 0 1440x900x24" bash window.sh
colours=$(identify -format %k window.png)
[ "$colours" -gt 200 ] || fail "the window shows $colours colours"
if [ -n "${ECG_PICTURE:-}" ]; then cp window.png "$ECG_PICTURE"; fi

say remove
apt-get remove -yq ecg-panorama >/dev/null
hash -r
[ ! -e /usr/bin/ecg-panorama ] || fail "the program is still there"
[ ! -e /usr/share/applications/ecg-panorama.desktop ] || fail "the menu entry is still there"
say passed
