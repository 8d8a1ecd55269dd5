#!/usr/bin/env bash
# The relocatable tarball: target/tarball/ecg-panorama-VERSION-linux-ARCH.tar.gz. Equal builds give equal bytes.
set -euo pipefail
cd "$(dirname "$0")/.."

packaging/parts.sh
version=$(target/dist/ecg-panorama --version | cut -d' ' -f2)
name=ecg-panorama-$version-linux-$(uname -m)
folder=target/tarball/$name
rm -rf "$folder"
mkdir -p "$folder/bin"
cp -r target/integration/share "$folder"
cp target/dist/ecg-panorama "$folder/bin"
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C target/tarball -czf "target/tarball/$name.tar.gz" "$name"
rm -r "$folder"
echo "target/tarball/$name.tar.gz"
