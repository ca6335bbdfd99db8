#!/usr/bin/env python3
"""A Debian package: `deb.py BINARY VERSION TARGET ASSETS OUT`, where ASSETS has man/, completions/ and THIRD-PARTY.txt.

Manual pages and completions lie where Debian's shells look for them. The same input gives the same bytes.
"""

import gzip
import hashlib
import pathlib
import sys

from assets import HOMEPAGE, ROOT, completions, legal, manual
from glibc import needed
from npm import tarball

ARCHITECTURES = {"x86_64-unknown-linux-gnu": "amd64", "aarch64-unknown-linux-gnu": "arm64"}
COMPLETIONS = ("usr/share/bash-completion/completions", "usr/share/zsh/vendor-completions", "usr/share/fish/vendor_completions.d")


def main(binary, version, target, assets, out):
    architecture = ARCHITECTURES[target]
    files = tree(pathlib.Path(binary), version, assets)
    sums = "".join(f"{hashlib.md5(data).hexdigest()}  {name}\n" for name, (data, _) in files.items())
    size = sum(len(data) for data, _ in files.values()) // 1024 + 1
    control = (
        f"Package: eksnet\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: eksnet <eksnet@users.noreply.github.com>\n"
        f"Installed-Size: {size}\nDepends: libc6 (>= {needed(binary)}), libgcc-s1 | libgcc1\nRecommends: ca-certificates\n"
        f"Section: admin\nPriority: optional\nHomepage: {HOMEPAGE}\n"
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
    licenses = "\n".join(text.decode() for text in legal(assets).values())
    texts = completions(assets, COMPLETIONS)
    texts |= {f"usr/share/man/man1/{name}.gz": gzip.compress(page, mtime=0) for name, page in manual(assets).items()}
    texts["usr/share/doc/eksnet/copyright"] = f"eksnet {version}, Apache-2.0\n\n{licenses}".encode()
    texts["usr/share/doc/eksnet/changelog.gz"] = gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), mtime=0)
    return {"usr/bin/eksnet": (binary.read_bytes(), 0o755), **{name: (text, 0o644) for name, text in texts.items()}}


def member(name, data):
    head = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode()
    return head + data + b"\n" * (len(data) % 2)


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    main(*sys.argv[1:])
