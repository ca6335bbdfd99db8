#!/usr/bin/env python3
"""A reverse proxy that spoils chosen AWS requests.

usage: fault_proxy.py PORT UPSTREAM_PORT
POST /__rules   a JSON list of rules replaces the rules and clears the log
GET  /__log     the requests seen: [{"request": "POST / CreateChangeSet", "fault": null}]

A rule: {"match": regular expression over "METHOD path Action", "fault": one of FAULTS, "times": 1, "skip": 0}
"""

import asyncio
import json
import re
import sys

FAULTS = ("throttle", "server_error", "expired", "denied", "cut_before", "cut_after", "truncate", "slow")
SLOW = 3  # seconds
ANSWERS = {
    "throttle": (400, "Throttling", "Rate exceeded"),
    "server_error": (500, "InternalFailure", "something broke"),
    "denied": (403, "UnauthorizedOperation", "You are not authorized to perform this operation."),
    "expired": (403, "ExpiredToken", "The security token included in the request is expired"),
}
rules, log = [], []


async def message(reader):
    """First line, headers and body of one HTTP message."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if ":" in line)}
    body = b""
    if "chunked" in headers.get("transfer-encoding", ""):
        while True:
            size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
            body += (await reader.readexactly(size + 2))[:-2]
            if size == 0:
                break
    elif "content-length" in headers:
        body = await reader.readexactly(int(headers["content-length"]))
    return lines[0], headers, body


def answer(code, body, kind="text/xml"):
    return f"HTTP/1.1 {code} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def spoiled(fault, body):
    code, name, words = ANSWERS[fault]
    if body.startswith(b"Action="):
        text = f"<ErrorResponse><Error><Type>Sender</Type><Code>{name}</Code><Message>{words}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
        return answer(code, text.encode())
    return answer(code, json.dumps({"__type": name, "message": words}).encode(), "application/json")


def chosen(request):
    """The fault for a request, if a rule names one."""
    for rule in rules:
        if rule.get("times", 1) == 0 or not re.search(rule["match"], request):
            continue
        if rule.get("skip", 0) > 0:
            rule["skip"] -= 1
            continue
        rule["times"] = rule.get("times", 1) - 1
        return rule["fault"]
    return None


async def forward(first, headers, body, upstream):
    reader, writer = await asyncio.open_connection("127.0.0.1", upstream)
    kept = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if name not in ("connection", "transfer-encoding", "content-length"))
    writer.write(f"{first}\r\n{kept}connection: close\r\ncontent-length: {len(body)}\r\n\r\n".encode("latin1") + body)
    await writer.drain()
    status, answered, content = await message(reader)
    writer.close()
    kept = "".join(f"{name}: {value}\r\n" for name, value in answered.items() if name not in ("connection", "transfer-encoding", "content-length"))
    return f"{status}\r\n{kept}content-length: {len(content)}\r\n\r\n".encode("latin1"), content


async def serve(reader, writer, upstream):
    try:
        while True:
            first, headers, body = await message(reader)
            method, path, _ = first.split(" ", 2)
            if path == "/__rules":
                rules[:] = json.loads(body)
                log.clear()
                writer.write(answer(200, b"{}", "application/json"))
                await writer.drain()
                return
            elif path == "/__log":
                writer.write(answer(200, json.dumps(log).encode(), "application/json"))
                await writer.drain()
                return
            else:
                action = re.search(rb"(?:^|&)Action=([A-Za-z]+)", body)
                request = f"{method} {path} {action.group(1).decode() if action else ''}".strip()
                fault = chosen(request)
                log.append({"request": request, "fault": fault})
                if fault == "cut_before":
                    return
                if fault == "slow":
                    await asyncio.sleep(SLOW)
                if fault in ANSWERS:
                    writer.write(spoiled(fault, body))
                else:
                    head, content = await forward(first, headers, body, upstream)
                    if fault == "cut_after":
                        return
                    writer.write(head + (content[: len(content) // 2] if fault == "truncate" else content))
                    if fault == "truncate":
                        await writer.drain()
                        return
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main(port, upstream):
    server = await asyncio.start_server(lambda reader, writer: serve(reader, writer, upstream), "127.0.0.1", port, limit=2**22)
    await server.serve_forever()


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
