#!/usr/bin/env bash
# Builds every package of a binary twice, and installs each as a user would, without a network and with nothing of this machine's settings:
# `try.sh BINARY`. With `--slow` also into a Debian of its own (debootstrap, root), and the list of crates is judged by CycloneDX's schema.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
binary=$(realpath "$1")
machine=$(uname -m)
target=$machine-unknown-linux-gnu
case $machine in x86_64) cpu=x64 ;; aarch64) cpu=arm64 ;; *) echo "there are no packages for $machine" >&2; exit 1 ;; esac
version=$("$binary" --version | cut -d' ' -f2)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

clean() { (cd "$(mktemp -d -p "$work")" && env -i HOME="$work/home" PATH="$1:/usr/local/bin:/usr/bin:/bin" LANG=C.UTF-8 "${@:2}"); }
# What a user does first.
works() {
  clean "$1" bash -euc '
    [ "$(eksnet --version)" = "eksnet '"$version"'" ]
    eksnet init shop >/dev/null 2>&1; eksnet check shop.yaml >/dev/null 2>&1; eksnet layout shop.yaml >/dev/null 2>&1
    code=0; eksnet nonsense 2>/dev/null || code=$?; [ $code = 64 ]'
  echo "ok: $2"
}
has() { for file in "$@"; do test -s "$file" || { echo "$file is missing" >&2; exit 1; }; done; }

strip -o "$work/eksnet" "$binary"
mkdir "$work/home"
"$here/build.sh" "$work/eksnet" $target "$work/dist" >/dev/null
dist=$work/dist
grep -qx "version = \"$version\"" "$here/../../Cargo.toml"

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-index "$dist"/*.whl
works "$work/venv/bin" wheel
has "$work"/venv/share/man/man1/eksnet-diff.1 "$work"/venv/share/bash-completion/completions/eksnet

if (PATH=/usr/local/bin:/usr/bin:/bin; command -v npm && command -v node) >/dev/null; then
  clean "" npm install --silent --offline --no-audit --no-fund --prefix "$work/npm" "$dist/eksnet-linux-$cpu-$version.tgz" "$dist/eksnet-$version.tgz"
  works "$work/npm/node_modules/.bin" npm
  rm -r "$work/npm/node_modules/@eksnet"
  { clean "$work/npm/node_modules/.bin" eksnet --version 2>&1 || true; } | grep -q "@eksnet/linux-$cpu is not installed"
fi

dpkg-deb --extract "$dist"/*.deb "$work/root"
works "$work/root/usr/bin" deb
has "$work"/root/usr/share/man/man1/eksnet-deploy.1.gz "$work"/root/usr/share/doc/eksnet/copyright
(cd "$work/root" && dpkg-deb --ctrl-tarfile "$dist"/*.deb | tar -xO ./md5sums | md5sum --check --quiet)
clean "" bash -euc "source $work/root/usr/share/bash-completion/completions/eksnet; complete -p eksnet" >/dev/null
for page in "$work"/root/usr/share/man/man1/*; do
  command -v man >/dev/null && LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$page" 2>&1 >/dev/null | { ! grep .; }
done

mkdir "$work/archive"
tar -xzf "$dist/eksnet-$target.tgz" -C "$work/archive"
works "$work/archive" archive
has "$work"/archive/{LICENSE,THIRD-PARTY.txt,README.md}
python3 "$here/formula.py" "$version" "$dist" > "$work/eksnet.rb"
grep -q "$(sha256sum < "$dist/eksnet-$target.tgz" | cut -d' ' -f1)" "$work/eksnet.rb"
if command -v ruby >/dev/null; then
  ruby "$here/brew.rb" "$work/eksnet.rb" "$work/archive" "$work/brew"
  works "$work/brew/bin" formula
  has "$work"/brew/{man1/eksnet-diff.1,bash_completion/eksnet,doc/LICENSE}
else
  echo "ok: formula (without ruby: its digest only)"
fi

if [ "${2:-}" = --slow ]; then
  "$here/build.sh" "$work/eksnet" $target "$work/again" >/dev/null
  diff -r "$dist" "$work/again" && echo "ok: the same bytes twice"
  debootstrap --variant=minbase bookworm "$work/debian" >"$work/debootstrap.log"
  cp "$dist"/*.deb "$work/debian/tmp/eksnet.deb"
  chroot "$work/debian" sh -euc 'apt-get install -y -qq /tmp/eksnet.deb >/dev/null 2>&1; eksnet --version; cd /tmp; eksnet init shop 2>/dev/null; eksnet check shop.yaml 2>/dev/null; apt-get purge -y -qq eksnet >/dev/null 2>&1; test ! -e /usr/bin/eksnet'
  echo "ok: deb in a Debian of its own"
  python3 -m venv "$work/bom"
  "$work/bom/bin/pip" install --quiet --disable-pip-version-check 'cyclonedx-python-lib[json-validation]==11.12.0'
  "$work/bom/bin/python" -c '
import pathlib, sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(pathlib.Path(sys.argv[1]).read_text())
sys.exit(str(wrong) if wrong else 0)' "$dist/eksnet-$target.cdx.json"
  echo "ok: list of crates"
fi
