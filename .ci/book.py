#!/usr/bin/env python3
"""Preprocessor of the book: `mdbook build docs` calls it. The generated pages of rules and settings, which the binary carries from
blueprints/, become chapters, and links to other files of the repository lead to its web page."""

import json
import pathlib
import posixpath
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = "https://github.com/eksnet/eksnet/blob/main/"
CHAPTERS = {"blueprints/RULES.md": ("Rules", "reference/rules.md"), "blueprints/SETTINGS.md": ("VPC CNI settings", "reference/settings.md")}
AFTER = "reference/keys.md"


def main():
    if sys.argv[1:2] == ["supports"]:
        return
    _, book = json.load(sys.stdin)
    items = book.get("items", book.get("sections"))
    at = next(at for at, item in enumerate(items) if path_of(item) == AFTER)
    items[at + 1 : at + 1] = [added(items[at], *row) for row in CHAPTERS.items()]
    for chapter in chapters(items):
        chapter["content"] = re.sub(r"\]\(([^)\s]+)\)", lambda link: f"]({moved(link[1], chapter['path'])})", chapter["content"])
    json.dump(book, sys.stdout)


def path_of(item):
    return item["Chapter"]["path"] if isinstance(item, dict) and "Chapter" in item else None


def added(model, source, target):
    title, path = target
    text = (ROOT / source).read_text()
    return {"Chapter": {**model["Chapter"], "name": title, "path": path, "source_path": path, "content": text, "sub_items": []}}


def chapters(items):
    for item in items:
        if path_of(item):
            yield item["Chapter"]
            yield from chapters(item["Chapter"]["sub_items"])


def moved(link, page):
    """Where a link of a page leads in the book."""
    if "://" in link or link.startswith("#"):
        return link
    file, _, heading = link.partition("#")
    source = next((source for source, (_, path) in CHAPTERS.items() if path == page), f"docs/{page}")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(source), file))
    suffix = f"#{heading}" if heading else ""
    if target in CHAPTERS:
        return posixpath.relpath(CHAPTERS[target][1], posixpath.dirname(page)) + suffix
    return link.replace("README.md", "index.md") if target.startswith("docs/") else PAGES + target + suffix


if __name__ == "__main__":
    main()
