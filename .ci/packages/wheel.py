#!/usr/bin/env python3
"""Packs an eksnet binary into a wheel: `wheel.py BINARY VERSION TAG ASSETS OUT`, where ASSETS has man/, completions/ and THIRD-PARTY.txt.

`pip install` puts the binary on the PATH, and the rest below share/. The same input gives the same bytes.
"""

import base64
import hashlib
import pathlib
import sys
import zipfile

from assets import HOMEPAGE, SUMMARY, completions, legal, manual

MADE = (1980, 1, 1, 0, 0, 0)
COMPLETIONS = ("bash-completion/completions", "zsh/site-functions", "fish/vendor_completions.d")


def main(binary, version, tag, assets, out):
    share = f"eksnet-{version}.data/data/share"
    info = f"eksnet-{version}.dist-info"
    texts = {
        f"{info}/METADATA": metadata(version).encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: eksnet\nRoot-Is-Purelib: false\nTag: py3-none-{tag}\n".encode(),
    }
    texts |= {f"{info}/licenses/{name}": text for name, text in legal(assets).items()}
    texts |= {f"{share}/man/man1/{name}": page for name, page in manual(assets).items()}
    texts |= {f"{share}/{name}": script for name, script in completions(assets, COMPLETIONS).items()}
    files = {f"eksnet-{version}.data/scripts/eksnet": (pathlib.Path(binary).read_bytes(), 0o755)}
    files |= {name: (text, 0o644) for name, text in texts.items()}
    record = "".join(f"{name},sha256={digest(data)},{len(data)}\n" for name, (data, _) in files.items())
    files[f"{info}/RECORD"] = ((record + f"{info}/RECORD,,\n").encode(), 0o644)
    path = pathlib.Path(out, f"eksnet-{version}-py3-none-{tag}.whl")
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, (data, mode) in files.items():
            entry = zipfile.ZipInfo(name, MADE)
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(entry, data)
    print(path)


def metadata(version):
    return (
        f"Metadata-Version: 2.4\nName: eksnet\nVersion: {version}\nLicense-Expression: Apache-2.0\nRequires-Python: >=3.8\n"
        "License-File: LICENSE\nLicense-File: THIRD-PARTY.txt\n"
        f"Summary: {SUMMARY}\nProject-URL: Repository, {HOMEPAGE}\n"
    )


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    main(*sys.argv[1:])
