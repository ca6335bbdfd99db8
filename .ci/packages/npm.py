#!/usr/bin/env python3
"""npm packages: `npm.py BINARY VERSION TARGET ASSETS OUT` packs a binary with its THIRD-PARTY.txt, and `eksnet`, which starts
the one that fits the machine.

npm installs of the optional dependencies only what fits `os`, `cpu` and `libc`: nothing is downloaded after the installation.
"""

import gzip
import io
import json
import pathlib
import sys
import tarfile

from assets import HOMEPAGE, ROOT, SUMMARY, legal

# Rust's target and npm's words for it.
TARGETS = {
    "x86_64-unknown-linux-gnu": ("linux", "x64", "glibc"),
    "aarch64-unknown-linux-gnu": ("linux", "arm64", "glibc"),
    "x86_64-apple-darwin": ("darwin", "x64", None),
    "aarch64-apple-darwin": ("darwin", "arm64", None),
}
COMMON = {
    "license": "Apache-2.0",
    "description": SUMMARY,
    "repository": {"type": "git", "url": f"git+{HOMEPAGE}.git"},
}
LAUNCHER = pathlib.Path(__file__).with_name("eksnet.js")


def main(binary, version, target, assets, out):
    licenses = {name: (text, 0o644) for name, text in legal(assets).items()}
    system, cpu, libc = TARGETS[target]
    platform = {"name": name(target), "version": version, **COMMON, "os": [system], "cpu": [cpu], "preferUnplugged": True}
    if libc:
        platform["libc"] = [libc]
    print(pack(out, platform, {"bin/eksnet": (pathlib.Path(binary).read_bytes(), 0o755), **licenses}))
    readme = ((ROOT / "README.md").read_bytes(), 0o644)
    launcher = {
        "name": "eksnet", "version": version, **COMMON, "bin": {"eksnet": "bin/eksnet.js"}, "engines": {"node": ">=18"},
        "optionalDependencies": {name(one): version for one in TARGETS},
    }
    print(pack(out, launcher, {"bin/eksnet.js": (LAUNCHER.read_bytes(), 0o755), "LICENSE": licenses["LICENSE"], "README.md": readme}))


def name(target):
    system, cpu, _ = TARGETS[target]
    return f"@eksnet/{system}-{cpu}"


def pack(out, manifest, files):
    """A package as `npm pack` names it; the same input gives the same bytes."""
    files = {"package.json": (json.dumps(manifest, indent=2).encode() + b"\n", 0o644), **files}
    path = pathlib.Path(out, f"{manifest['name'].lstrip('@').replace('/', '-')}-{manifest['version']}.tgz")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(tarball({f"package/{inner}": file for inner, file in files.items()}))
    return path


def tarball(files):
    """A compressed archive of {name: (bytes, mode)}, with root's names and one time."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as tar:
        folders = {str(parent) for inner in files for parent in pathlib.PurePosixPath(inner).parents} - {".", "/"}
        for folder in sorted(folders):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode, entry.uname, entry.gname = tarfile.DIRTYPE, 0o755, "root", "root"
            tar.addfile(entry)
        for inner, (content, mode) in files.items():
            entry = tarfile.TarInfo(inner)
            entry.size, entry.mode, entry.uname, entry.gname = len(content), mode, "root", "root"
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(raw.getvalue(), mtime=0)


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    main(*sys.argv[1:])
