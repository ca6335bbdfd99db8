#!/usr/bin/env python3
"""A Homebrew formula for the archives of a release: `formula.py VERSION FOLDER`, on standard output. Their digests are taken here."""

import hashlib
import pathlib
import sys

from assets import HOMEPAGE

PLACES = {
    "aarch64-apple-darwin": ("on_macos", "on_arm"),
    "x86_64-apple-darwin": ("on_macos", "on_intel"),
    "aarch64-unknown-linux-gnu": ("on_linux", "on_arm"),
    "x86_64-unknown-linux-gnu": ("on_linux", "on_intel"),
}
RELEASE = f"{HOMEPAGE}/releases/download"


def main(version, folder):
    systems = {}
    for target, (system, cpu) in PLACES.items():
        archive = pathlib.Path(folder, f"eksnet-{target}.tgz")
        if archive.exists():
            digest = hashlib.sha256(archive.read_bytes()).hexdigest()
            systems.setdefault(system, []).append(
                f'    {cpu} do\n      url "{RELEASE}/v{version}/{archive.name}"\n      sha256 "{digest}"\n    end\n'
            )
    if not systems:
        sys.exit(f"{folder} has no archive of a release")
    blocks = "\n".join(f"  {system} do\n{''.join(cpus)}  end\n" for system, cpus in systems.items())
    print(f'''class Eksnet < Formula
  desc "Design, review and deploy the network of an Amazon EKS cluster"
  homepage "{HOMEPAGE}"
  version "{version}"
  license "Apache-2.0"

{blocks}
  def install
    bin.install "eksnet"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/eksnet"
    zsh_completion.install "completions/_eksnet"
    fish_completion.install "completions/eksnet.fish"
    doc.install "README.md", "LICENSE", "THIRD-PARTY.txt"
  end

  test do
    assert_match version.to_s, shell_output("#{{bin}}/eksnet --version")
    system bin/"eksnet", "init", "shop"
    system bin/"eksnet", "check", "shop.yaml"
  end
end''')


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
