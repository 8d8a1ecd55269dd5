#!/usr/bin/env bash
# The Debian package: target/debian/ecg-panorama_VERSION-1_ARCH.deb. Needs cargo-deb and Python 3.
set -euo pipefail
cd "$(dirname "$0")/.."

packaging/parts.sh
cargo deb --no-build --profile dist "$@"
