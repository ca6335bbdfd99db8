#!/usr/bin/env python3
"""A deployment to watch without AWS: an emulated AWS on this machine, and eksnet against it. Nothing leaves the machine.

usage: demo.py [--shell | COMMAND ...]

Without an argument it plays a scene: a cluster is deployed, gets a fourth zone, and is deleted. With `--shell` your shell is
pointed at the emulated AWS, with a COMMAND that command is: `exit` ends it. The first run installs the emulator's pinned Python
packages into a cache folder (340 MB, about a minute); EKSNET names another binary than the one on the PATH or in target/.
"""

import hashlib
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import venv

HERE = pathlib.Path(__file__).resolve().parent
EMULATOR = HERE / "emulator"
# (what is said, the command, the edit of shop.yaml before it)
SCENE = [
    ("A blueprint, and what fits in it", ["init", "shop", "--region", "us-east-1"], None),
    (None, ["layout", "shop.yaml"], None),
    ("Deploy it: what would be created, and the progress", ["deploy", "shop.yaml", "--yes"], None),
    (None, ["status", "shop.yaml", "--no-drift"], None),
    ("One more zone", ["diff", "shop.yaml"], ("zones: 3", "zones: 4")),
    (None, ["deploy", "shop.yaml", "--yes"], None),
    ("Delete it", ["destroy", "shop.yaml", "--confirm", "shop", "--unprotect"], None),
]


def main(words):
    if words[:1] in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    program = binary()
    python = installed()
    with tempfile.TemporaryDirectory() as folder:
        servers = subprocess.Popen([python, EMULATOR / "run.py", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"PACE": "0.25", **os.environ})
        try:
            environment = pointed(json.loads(servers.stdout.readline()), program)
            if not words:
                return play(environment)
            if words == ["--shell"]:
                say("AWS is emulated in this shell. Try: eksnet init shop && eksnet deploy shop.yaml   (exit ends it)")
                words = [os.environ.get("SHELL", "/bin/bash")]
            return subprocess.run(words, env=environment).returncode
        finally:
            servers.stdin.close()
            servers.wait(10)


def binary():
    """The program: as named, as installed, or as built here last."""
    named = os.environ.get("EKSNET")
    built = [path for path in (HERE.parent / "target").glob("*/eksnet") if path.is_file()]
    found = named or shutil.which("eksnet") or max(built, key=lambda path: path.stat().st_mtime, default=None)
    if not found:
        sys.exit("error: there is no eksnet\n  help: install it, or run `cargo build` first; it has to be the build with AWS")
    return pathlib.Path(found).resolve()


def installed():
    """Python with the emulator's packages, installed once."""
    pins = EMULATOR / "requirements.txt"
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    digest = hashlib.sha256(pins.read_bytes()).hexdigest()[:12]
    # The tests install the same, where they ran first.
    folder = cache / "eksnet-tests" / f"python-{digest}"
    python = folder / "venv/bin/python"
    if not (folder / "installed").exists():
        say("Installing the emulated AWS (once, about a minute) ...")
        venv.create(folder / "venv", with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", pins], check=True)
        (folder / "installed").touch()
    return python


def pointed(ports, program):
    """This environment without any AWS of its own, and with the emulated one."""
    plane, ec2 = (f"http://127.0.0.1:{ports[name]}" for name in ("plane", "moto"))
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nothing = {name: os.devnull for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")}
    services = ("EC2", "ELASTIC_LOAD_BALANCING", "ELASTIC_LOAD_BALANCING_V2", "SERVICE_QUOTAS")
    return {
        **own, **nothing, **{f"AWS_ENDPOINT_URL_{service}": ec2 for service in services},
        "AWS_ENDPOINT_URL": plane, "AWS_ACCESS_KEY_ID": "123456789012", "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_EC2_METADATA_DISABLED": "true", "PATH": f"{program.parent}:{os.environ.get('PATH', '')}",
    }


def play(environment):
    with tempfile.TemporaryDirectory() as folder:
        blueprint = pathlib.Path(folder, "shop.yaml")
        for title, words, edit in SCENE:
            if title:
                print(f"\n\033[1m# {title}\033[0m", flush=True)
            if edit:
                blueprint.write_text(blueprint.read_text().replace(*edit))
                print(f"$ sed -i 's/{edit[0]}/{edit[1]}/' shop.yaml", flush=True)
            print(f"$ eksnet {shlex.join(words)}", flush=True)
            code = subprocess.run(["eksnet", *words], cwd=folder, env=environment).returncode
            if code not in (0, 4):
                return code
            if words[0] == "init":
                # What the starter asks to be replaced: the account, and where people come from.
                text = blueprint.read_text()
                blueprint.write_text(text.replace("111122223333", "123456789012").replace("203.0.113.0/24", "192.31.196.0/24"))
            if sys.stdout.isatty():
                time.sleep(2)
    return 0


def say(text):
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
