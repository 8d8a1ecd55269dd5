#!/usr/bin/env bash
# What every package holds beside the program: target/integration/share, with the licences of all parts and their list.
set -euo pipefail
cd "$(dirname "$0")/.."

# The program of a package is linked without symbols; where the linker is Rust's own, with functions of the same code once and
# addresses packed. (Cargo forgets `strip` of a profile for a crate that .cargo/config.toml names.)
linked=(-C strip=symbols)
if [ "$(uname -sm)" = "Linux x86_64" ]; then
  linked+=(-C link-arg=-Wl,--icf=all -C link-arg=-Wl,-z,pack-relative-relocs)
fi
[ -n "${ECG_BUILT:-}" ] || cargo rustc --profile dist --features archive --bin ecg-panorama -- "${linked[@]}"
rm -rf target/integration
target/dist/ecg-panorama integrate target/integration
doc=target/integration/share/doc/ecg-panorama
mkdir -p "$doc"
cp README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "$doc"
cp assets/LICENSE-torso-CC0.md assets/LICENSE-vik.txt "$doc"
cp assets/fonts/OFL.txt "$doc/OFL-Inter.txt"
cp assets/fonts/OFL-NotoSansSC.txt "$doc"
python3 packaging/parts.py "$doc" --features archive
