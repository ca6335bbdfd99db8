#!/usr/bin/env python3
"""Records the demo in a terminal, as an animated SVG: `record.py OUT.svg`, and beside it as text, for who does not see pictures. Nothing is
typed in: the frames are what the terminal showed.

Requires pyte (PyPI), and what integration/demo.py requires. A frame is kept where the screen rests, and now and then while it moves.
"""

import fcntl
import html
import os
import pathlib
import pty
import select
import struct
import sys
import termios
import time

import pyte

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLUMNS, LINES = 100, 34
# Seconds: without a change for that long a screen rests; while it moves, so far apart are two frames.
RESTS, APART = 1.2, 1.5
# Seconds that a frame is shown: the last of a command, and one on the way.
LONG, SHORT = 3.0, 0.7
COLORS = {"default": "#e6edf3", "red": "#ff7b72", "green": "#56d364", "brown": "#e3b341", "blue": "#6cb6ff", "magenta": "#d2a8ff", "cyan": "#76e3ea"}
CELL, ROW, EDGE = 8.43, 18, 14


def main(out):
    screen = pyte.HistoryScreen(COLUMNS, LINES, history=10_000)
    frames = list(recorded([sys.executable, str(ROOT / "integration/demo.py")], screen))
    pathlib.Path(out).write_text(picture(frames))
    pathlib.Path(out).with_suffix(".txt").write_text(transcript(screen))
    print(f"{out}: {len(frames)} frames, {sum(seconds for _, seconds in frames):.0f} seconds")


def recorded(command, screen):
    """(screen, seconds) in the order of time."""
    stream = pyte.ByteStream(screen)
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(command[0], command, {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    changed, kept, last = time.monotonic(), 0.0, None
    while True:
        ready, _, _ = select.select([terminal], [], [], 0.1)
        now = time.monotonic()
        if ready:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                data = b""
            if not data:
                break
            stream.feed(data)
            changed = now
        rests = not ready and RESTS <= now - changed
        if rests or APART <= now - kept:
            shown = lines(screen)
            if shown != last and any(shown):
                yield shown, LONG if rests else SHORT
                last, kept = shown, now
    os.waitpid(child, 0)
    yield lines(screen), LONG


def transcript(screen):
    """All that was on the screen in the end, and above it."""
    rows = [*screen.history.top, *(screen.buffer[row] for row in range(LINES))]
    text = ["".join(row[column].data for column in range(COLUMNS)).rstrip() for row in rows]
    return "\n".join(text).strip() + "\n"


def lines(screen):
    """Runs of one look: ((text, color, bold) …) for each line."""
    out = []
    for row in range(LINES):
        runs = []
        for column in range(COLUMNS):
            cell = screen.buffer[row][column]
            look = (cell.fg, cell.bold)
            if runs and runs[-1][1:] == look:
                runs[-1] = (runs[-1][0] + cell.data, *look)
            else:
                runs.append((cell.data, *look))
        while runs and not runs[-1][0].strip():
            runs.pop()
        out.append(tuple(runs))
    return tuple(out)


def picture(frames):
    """Each different line once, frames that use them, and one animation for all."""
    known, total, at = {}, sum(seconds for _, seconds in frames), 0.0
    groups, styles = [], []
    for number, (shown, seconds) in enumerate(frames):
        uses = ""
        for row, runs in enumerate(shown):
            if runs:
                name = known.setdefault(runs, f"l{len(known)}")
                uses += f'<use href="#{name}" y="{row * ROW}"/>'
        begin, end = 100 * at / total, 100 * (at + seconds) / total
        at += seconds
        # Hidden but for its own part of the time; the first frame also stands where nothing moves.
        styles.append(f"#f{number}{{animation:k{number} {total:.1f}s step-end infinite}}")
        before = "" if number == 0 else "0%{visibility:hidden}"
        after = "" if number == len(frames) - 1 else f"{end:.3f}%{{visibility:hidden}}"
        styles.append(f"@keyframes k{number}{{{before}{begin:.3f}%{{visibility:visible}}{after}}}")
        groups.append(f'<g id="f{number}"{"" if number == 0 else " visibility=" + chr(34) + "hidden" + chr(34)}>{uses}</g>')
    symbols = "".join(f'<text id="{name}" x="0" y="{ROW - 5}" xml:space="preserve">{spans(runs)}</text>' for runs, name in known.items())
    width, height = COLUMNS * CELL + 2 * EDGE, LINES * ROW + 2 * EDGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img" aria-label="A cluster is deployed to an emulated AWS, gets a fourth zone, and is deleted">'
        f"<style>text{{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:{COLORS['default']}}}"
        f"@media (prefers-reduced-motion:no-preference){{{''.join(styles)}}}</style>"
        f'<rect width="100%" height="100%" rx="8" fill="#0d1117"/><defs>{symbols}</defs><g transform="translate({EDGE} {EDGE})">{"".join(groups)}</g></svg>\n'
    )


def spans(runs):
    out, column = "", 0
    for text, color, bold in runs:
        look = "" if color not in COLORS or color == "default" else f' fill="{COLORS[color]}"'
        look += ' font-weight="bold"' if bold else ""
        if text.strip():
            length = len(text)
            out += f'<tspan x="{column * CELL:.1f}" textLength="{length * CELL:.1f}"{look}>{html.escape(text)}</tspan>'
        column += len(text)
    return out


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
