#!/usr/bin/env bash
# The Debian package: target/debian/ecg-panorama_VERSION-1_ARCH.deb. Needs cargo-deb, cargo-about and cargo-cyclonedx.
set -euo pipefail
cd "$(dirname "$0")/.."

packaging/parts.sh
cargo deb --no-build "$@"
