"""The C library that a binary requires."""

import pathlib
import re


def needed(binary):
    """`2.17`, read off the versions of the symbols that it imports; `2.17` too where it imports none."""
    versions = re.findall(rb"GLIBC_2\.(\d+)", pathlib.Path(binary).read_bytes())
    return f"2.{max([17, *map(int, versions)])}"
