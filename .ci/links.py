#!/usr/bin/env python3
"""Every link of a folder of HTML pages that leads inside the folder has a file, and a heading where it names one: `links.py FOLDER`."""

import html.parser
import pathlib
import sys
import urllib.parse


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.names = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.names.add(values.get("id"))
        self.links += [values[name] for name in ("href", "src") if values.get(name)]


def main(folder):
    folder = pathlib.Path(folder).resolve()
    # 404 is written for the root of a site, and print repeats every page.
    paths = [path for path in folder.rglob("*.html") if path.name not in ("404.html", "print.html")]
    pages = {path: Page(path.read_text()) for path in paths}
    broken, seen = [], 0
    for path, page in pages.items():
        for link in page.links:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            seen += 1
            target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
            heading = urllib.parse.unquote(parts.fragment)
            if not target.exists() or heading and target in pages and heading not in pages[target].names:
                broken.append(f"{path.relative_to(folder)}: {link}")
    print(*broken, f"{len(pages)} pages, {seen} links, {len(broken)} broken", sep="\n")
    return bool(broken) or not pages


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
