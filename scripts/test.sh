#!/usr/bin/env bash
# Passes the tests on a fresh machine: installs what the window tests need (Debian), then runs them.
set -euo pipefail
cd "$(dirname "$0")/.."

# A software graphics adapter, a display without a screen, a hand for the mouse, and what makes system calls fail.
need=(strace xvfb xauth xdotool xclip imagemagick mesa-vulkan-drivers libvulkan1 libgl1 libegl1 libx11-6 libx11-xcb1 libxcursor1 libxi6 libxrandr2 libxkbcommon0 libxkbcommon-x11-0)
if command -v apt-get >/dev/null && ! dpkg -s "${need[@]}" >/dev/null 2>&1; then
  sudo=$([ "$(id -u)" -eq 0 ] || command -v sudo || true)
  $sudo apt-get update -q
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "${need[@]}"
fi

cargo test --release --features train
