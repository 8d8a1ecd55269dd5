#!/usr/bin/env bash
# Builds the wheel and tries it in an environment of its own. It takes the compiled parts of the program's tests.
set -euo pipefail
cd "$(dirname "$0")/.."

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
made=$target/wheels
rm -rf "$made" "$target/python-clean"
if ! python3 -m venv "$target/python-build" || ! "$target/python-build/bin/pip" install -q 'maturin>=1.9,<2'; then
  echo "skipped: no Python with venv, or no package index, here"
  exit 0
fi
cp Cargo.lock python/Cargo.lock # the versions of the program
"$target/python-build/bin/maturin" build --release --manifest-path python/Cargo.toml --features whole --target-dir "$target" --out "$made" "$@"
python3 -m venv "$target/python-clean"
"$target/python-clean/bin/pip" install -q "$made"/*.whl pytest pandas matplotlib
if [ -x "$target/release/ecg-panorama" ]; then export ECG_PANORAMA=$target/release/ecg-panorama; fi
"$target/python-clean/bin/python" -m pytest -q -rs python/tests
