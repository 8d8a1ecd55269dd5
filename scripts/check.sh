#!/usr/bin/env bash
# What CI checks, fast things first. One profile: dependencies compile once.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; "$@"; }

step cargo fmt --check
step scripts/test.sh
step python/test.sh
step cargo clippy --release --all-targets --features train -- -D warnings
step cargo clippy --release --no-default-features -- -D warnings
RUSTDOCFLAGS="-D warnings" step cargo doc --release --no-deps --features train
