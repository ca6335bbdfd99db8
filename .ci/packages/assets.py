"""What every package has beside the binary: where it comes from, and where a shell or `man` looks for it."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SUMMARY = "Design, review and deploy the network of an Amazon EKS cluster from one YAML file"
HOMEPAGE = "https://github.com/eksnet/eksnet"
COMPLETIONS = ("eksnet", "_eksnet", "eksnet.fish")


def legal(assets):
    """The license, and those of what is linked in."""
    return {"LICENSE": (ROOT / "LICENSE").read_bytes(), "THIRD-PARTY.txt": (pathlib.Path(assets) / "THIRD-PARTY.txt").read_bytes()}


def manual(assets):
    """Manual pages by name."""
    return {page.name: page.read_bytes() for page in sorted((pathlib.Path(assets) / "man").glob("*.1"))}


def completions(assets, folders):
    """Completion scripts by path; `folders` says where the scripts for bash, zsh and fish lie."""
    scripts = pathlib.Path(assets) / "completions"
    return {f"{folder}/{name}": (scripts / name).read_bytes() for name, folder in zip(COMPLETIONS, folders)}
