#!/usr/bin/env python3
"""A Debian package: `deb.py BINARY VERSION TARGET ASSETS OUT`, where ASSETS has man/, completions/ and THIRD-PARTY.txt.

Manual pages and completions lie where Debian's shells look for them. The same input gives the same bytes.
"""

import gzip
import hashlib
import pathlib
import sys

from glibc import needed
from npm import tarball

ARCHITECTURES = {"x86_64-unknown-linux-gnu": "amd64", "aarch64-unknown-linux-gnu": "arm64"}
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
COMPLETIONS = {
    "bash": "usr/share/bash-completion/completions/eksnet",
    "zsh": "usr/share/zsh/vendor-completions/_eksnet",
    "fish": "usr/share/fish/vendor_completions.d/eksnet.fish",
}


def main(binary, version, target, assets, out):
    architecture = ARCHITECTURES[target]
    files = tree(pathlib.Path(binary), version, pathlib.Path(assets))
    sums = "".join(f"{hashlib.md5(data).hexdigest()}  {name}\n" for name, (data, _) in files.items())
    size = sum(len(data) for data, _ in files.values()) // 1024 + 1
    control = (
        f"Package: eksnet\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: eksnet <eksnet@users.noreply.github.com>\n"
        f"Installed-Size: {size}\nDepends: libc6 (>= {needed(binary)}), libgcc-s1 | libgcc1\nRecommends: ca-certificates\n"
        "Section: admin\nPriority: optional\nHomepage: https://github.com/eksnet/eksnet\n"
        "Description: network of an Amazon EKS cluster from one YAML file\n"
        " Plans addresses, checks them, writes a CloudFormation template, shows what a\n change would touch, and deploys it.\n"
    )
    members = {
        "debian-binary": b"2.0\n",
        "control.tar.gz": tarball({"./control": (control.encode(), 0o644), "./md5sums": (sums.encode(), 0o644)}),
        "data.tar.gz": tarball({f"./{name}": file for name, file in files.items()}),
    }
    path = pathlib.Path(out, f"eksnet_{version}_{architecture}.deb")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"!<arch>\n" + b"".join(member(name, data) for name, data in members.items()))
    print(path)


def tree(binary, version, assets):
    copyright = f"eksnet {version}, Apache-2.0\n\n{(ROOT / 'LICENSE').read_text()}\n{(assets / 'THIRD-PARTY.txt').read_text()}"
    files = {"usr/bin/eksnet": (binary.read_bytes(), 0o755)}
    for shell, place in COMPLETIONS.items():
        files[place] = ((assets / "completions" / pathlib.PurePosixPath(place).name).read_bytes(), 0o644)
    for page in sorted((assets / "man").glob("*.1")):
        files[f"usr/share/man/man1/{page.name}.gz"] = (gzip.compress(page.read_bytes(), mtime=0), 0o644)
    files["usr/share/doc/eksnet/copyright"] = (copyright.encode(), 0o644)
    files["usr/share/doc/eksnet/changelog.gz"] = (gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), mtime=0), 0o644)
    return files


def member(name, data):
    head = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode()
    return head + data + b"\n" * (len(data) % 2)


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    main(*sys.argv[1:])
