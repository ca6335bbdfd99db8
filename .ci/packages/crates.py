#!/usr/bin/env python3
"""What of others is in the binary: `crates.py OUT` writes THIRD-PARTY.txt, their licenses, and eksnet.cdx.json, a CycloneDX list of them.

Both are read off Cargo.lock and the sources that Cargo has, without a network once these are fetched.
"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NAMES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE", "COPYRIGHT")
# What a binary may hold. Another license fails the build until it is reviewed and added here.
ACCEPTED = {"MIT", "MIT-0", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Zlib", "0BSD", "BSL-1.0", "Unlicense", "Unicode-3.0", "CDLA-Permissive-2.0", "BlueOak-1.0.0"}
MIT = """Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY
CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def main(out):
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    root, crates = linked()
    strange = [f"{one['name']}: {one['license']}" for one in crates if not accepted(one["license"])]
    if strange:
        sys.exit("licenses to review:\n" + "\n".join(strange))
    (out / "THIRD-PARTY.txt").write_text(licenses(crates))
    (out / "eksnet.cdx.json").write_text(json.dumps(bill(root, crates), indent=2) + "\n")


def linked():
    """eksnet, and every crate that it is compiled from: no tests' and no build scripts' own."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    found = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    nodes = {node["id"]: node for node in found["resolve"]["nodes"]}
    packages = {package["id"]: package for package in found["packages"]}
    root = found["resolve"]["root"]
    seen, open_ = set(), [root]
    while open_:
        node = open_.pop()
        if node in seen:
            continue
        seen.add(node)
        open_ += [dep["pkg"] for dep in nodes[node]["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"])]
    crates = [{**packages[one], "uses": sorted(dep["pkg"] for dep in nodes[one]["deps"] if dep["pkg"] in seen)} for one in seen]
    crates.sort(key=lambda one: (one["name"], one["version"]))
    by_id = {one["id"]: one for one in crates}
    for one in crates:
        one["uses"] = [purl(by_id[use]) for use in one["uses"]]
    return by_id[root], [one for one in crates if one["id"] != root]


def purl(crate):
    return f"pkg:cargo/{crate['name']}@{crate['version']}"


def spdx(license):
    """`MIT/Apache-2.0` is an old way to write `MIT OR Apache-2.0`."""
    return re.sub(r"\s*/\s*", " OR ", license)


def accepted(license):
    """Every part that has to be kept, or one of those to choose from, is on the list."""
    parts = re.split(r"\s+AND\s+(?![^(]*\))", spdx(license or ""))
    return all(any(one.strip(" ()") in ACCEPTED for one in part.split(" OR ")) for part in parts)


def licenses(crates):
    """Each text once, below the crates that it is of."""
    texts = {}
    for crate in crates:
        folder = pathlib.Path(crate["manifest_path"]).parent
        files = sorted(path for path in folder.iterdir() if path.is_file() and path.name.upper().startswith(NAMES))
        for text in [path.read_text(errors="replace").strip() for path in files] or [usual(crate)]:
            texts.setdefault(text, []).append(f"{crate['name']} {crate['version']} ({spdx(crate['license'])})")
    head = "eksnet contains the work of others, under their licenses.\n"
    return head + "".join(f"\n{'=' * 100}\n{chr(10).join(names)}\n{'-' * 100}\n{text}\n" for text, names in texts.items())


def usual(crate):
    """The text of a crate that ships none."""
    authors = ", ".join(crate["authors"]) or f"the authors of {crate['name']}"
    if "MIT" in crate["license"]:
        return f"Copyright (c) {authors}\n\n{MIT.strip()}"
    return f"Copyright {authors}\n\nLicensed under the Apache License, Version 2.0: the text is eksnet's own LICENSE."


def bill(root, crates):
    def component(crate, kind):
        return {
            "type": kind, "bom-ref": purl(crate), "name": crate["name"], "version": crate["version"], "purl": purl(crate),
            "licenses": [{"expression": spdx(crate["license"])}],
        }

    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": component(root, "application")},
        "components": [component(crate, "library") for crate in crates],
        "dependencies": [{"ref": purl(crate), "dependsOn": crate["uses"]} for crate in [root, *crates]],
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
