#!/usr/bin/env bash
# Every package of one binary: `build.sh BINARY TARGET OUT`, such as `build.sh target/release/eksnet x86_64-unknown-linux-gnu dist`.
# The binary has to run here: manual pages and completions are its own.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
binary=$1 target=$2 out=$3
version=$("$binary" --version | cut -d' ' -f2)
mkdir -p "$out"
assets=$(mktemp -d)
trap 'rm -rf "$assets"' EXIT

mkdir "$assets/completions"
"$binary" man --out "$assets/man"
"$binary" completions bash > "$assets/completions/eksnet"
"$binary" completions zsh > "$assets/completions/_eksnet"
"$binary" completions fish > "$assets/completions/eksnet.fish"
python3 "$here/crates.py" "$assets"
install -m 755 "$binary" "$assets/eksnet"
cp "$root/README.md" "$root/LICENSE" "$assets"

# For `cargo binstall`, Homebrew and anybody with tar.
(cd "$assets" && tar --sort=name --mtime=@0 --owner=root:0 --group=root:0 --numeric-owner -c \
  eksnet man completions README.md LICENSE THIRD-PARTY.txt) | gzip -n > "$out/eksnet-$target.tgz"
cp "$assets/eksnet.cdx.json" "$out/eksnet-$target.cdx.json"
echo "$out/eksnet-$target.tgz"

python3 "$here/npm.py" "$binary" "$version" "$target" "$assets" "$out"
case $target in
  *-linux-gnu)
    glibc=$(cd "$here" && python3 -c 'import glibc, sys; print(glibc.needed(sys.argv[1]).replace(".", "_"))' "$(realpath "$binary")")
    python3 "$here/wheel.py" "$binary" "$version" "manylinux_${glibc}_${target%%-*}" "$assets" "$out"
    python3 "$here/deb.py" "$binary" "$version" "$target" "$assets" "$out" ;;
  x86_64-apple-darwin) python3 "$here/wheel.py" "$binary" "$version" macosx_10_12_x86_64 "$assets" "$out" ;;
  aarch64-apple-darwin) python3 "$here/wheel.py" "$binary" "$version" macosx_11_0_arm64 "$assets" "$out" ;;
esac
