#!/usr/bin/env python3
"""Starts etcd and a Kubernetes API server on free ports, says where they are, and stops them when standard input closes.

usage: run.py WORKDIR KUBE_APISERVER ETCD
"""

import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 120  # seconds until a server has to answer
ADMIN = "the-tests-own-token"
# Whose tokens are taken: the blueprints of the tests.
CLUSTERS = ("shop", "self-managed")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(folder, name, command):
    log = os.path.join(folder, f"{name}.log")
    environment = {"PATH": os.environ["PATH"], "HOME": folder, "TMPDIR": folder, "PYTHONDONTWRITEBYTECODE": "1"}
    with open(log, "w", encoding="utf-8") as file:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, env=environment), log


def wait_for(url, server, token=None):
    process, log = server
    anyone = ssl._create_unverified_context()
    for _ in range(PATIENCE * 10):
        if process.poll() is not None:
            sys.exit(f"a server did not start, see {log}:\n" + open(log, encoding="utf-8").read()[-2000:])
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
        try:
            with urllib.request.urlopen(request, timeout=2, context=anyone) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"a server did not answer at {url}, see {log}")


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def api_server(folder, binary, etcd, authenticator, port):
    key = os.path.join(folder, "service-accounts.key")
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    tokens = write(folder, "tokens.csv", f'{ADMIN},the-tests,1,"system:masters"\n')
    webhook = {"apiVersion": "v1", "kind": "Config", "current-context": "webhook",
               "clusters": [{"name": "webhook", "cluster": {"server": f"http://127.0.0.1:{authenticator}/"}}],
               "users": [{"name": "api-server", "user": {}}],
               "contexts": [{"name": "webhook", "context": {"cluster": "webhook", "user": "api-server"}}]}
    return [
        binary, f"--etcd-servers=http://127.0.0.1:{etcd}", "--bind-address=127.0.0.1", f"--secure-port={port}",
        f"--cert-dir={os.path.join(folder, 'certificates')}", "--authorization-mode=RBAC", f"--token-auth-file={tokens}",
        f"--authentication-token-webhook-config-file={write(folder, 'webhook.json', json.dumps(webhook))}",
        "--authentication-token-webhook-version=v1", "--authentication-token-webhook-cache-ttl=1s",
        f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}",
        "--service-account-issuer=https://127.0.0.1/", "--service-cluster-ip-range=172.20.0.0/16",
        "--disable-admission-plugins=ServiceAccount",
    ]


def main(folder, binary, etcd_binary):
    etcd, peer, authenticator, port = (free_port() for _ in range(4))
    client = f"http://127.0.0.1:{etcd}"
    between = f"http://127.0.0.1:{peer}"
    servers = [
        start(folder, "etcd", [
            etcd_binary, "--data-dir", os.path.join(folder, "etcd"), "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", between, "--initial-advertise-peer-urls", between, "--initial-cluster", f"default={between}", "--unsafe-no-fsync",
        ]),
        start(folder, "authenticator", [sys.executable, os.path.join(HERE, "authenticator.py"), str(authenticator), *CLUSTERS]),
    ]
    try:
        wait_for(client + "/health", servers[0])
        servers.append(start(folder, "kube-apiserver", api_server(folder, binary, etcd, authenticator, port)))
        wait_for(f"https://127.0.0.1:{port}/readyz", servers[2], ADMIN)
        with open(os.path.join(folder, "certificates", "apiserver.crt"), encoding="utf-8") as file:
            print(json.dumps({"endpoint": f"https://127.0.0.1:{port}", "authority": file.read(), "token": ADMIN}), flush=True)
        sys.stdin.read()
    finally:
        for process, _ in reversed(servers):
            process.terminate()
        for process, _ in servers:
            process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
