#!/usr/bin/env python3
"""Starts both servers on free ports, says where they are, and stops them when standard input closes.

usage: run.py WORKDIR

PACE in the environment: seconds that every operation on a resource takes.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 120  # seconds until a server has to answer


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(command, log, environment):
    with open(log, "w", encoding="utf-8") as file:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, env=environment)


def wait_for(url, process, log):
    for _ in range(PATIENCE * 10):
        if process.poll() is not None:
            sys.exit(f"a server did not start, see {log}")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"a server did not answer at {url}, see {log}")


def main(folder):
    bin_folder = os.path.dirname(sys.executable)
    moto, plane = free_port(), free_port()
    base = {"PATH": bin_folder + ":/usr/bin:/bin", "HOME": folder, "TMPDIR": folder, "PYTHONDONTWRITEBYTECODE": "1", "PACE": os.environ.get("PACE", "0")}
    moto_log, plane_log = os.path.join(folder, "moto.log"), os.path.join(folder, "control_plane.log")
    moto_url = f"http://127.0.0.1:{moto}"
    servers = [start([sys.executable, os.path.join(HERE, "moto_ec2.py"), "-H", "127.0.0.1", "-p", str(moto)], moto_log, base)]
    servers.append(start(
        [sys.executable, os.path.join(HERE, "control_plane.py")], plane_log,
        {**base, "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(plane), "MINISTACK_HOST": "127.0.0.1", "MOTO_ENDPOINT": moto_url,
         "FAULTS": os.path.join(folder, "faults.json"), "PACE": os.environ.get("PACE", "0"), "DOCKER_HOST": "unix:///nonexistent.sock"},
    ))
    try:
        wait_for(moto_url + "/moto-api/", servers[0], moto_log)
        wait_for(f"http://127.0.0.1:{plane}/_localstack/health", servers[1], plane_log)
        print(json.dumps({"moto": moto, "plane": plane}), flush=True)
        sys.stdin.read()
    finally:
        for server in servers:
            server.terminate()


main(sys.argv[1])
