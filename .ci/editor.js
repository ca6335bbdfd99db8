// What an editor makes of `eksnet schema`, asked of yaml-language-server: `node editor.js EKSNET`. Completion offers keys and values where they
// belong, hovering says what a key means, and a mistake is marked on its line and nowhere else. NODE_PATH has yaml-language-server.
"use strict";
const { execFileSync, spawn } = require("node:child_process");
const assert = require("node:assert");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const url = require("node:url");

const SERVER = require.resolve("yaml-language-server/package.json").replace("package.json", "bin/yaml-language-server");

class Editor {
  constructor(folder) {
    this.folder = folder;
    this.asked = new Map();
    this.marks = new Map();
    this.last = 0;
    this.rest = Buffer.alloc(0);
    this.server = spawn(process.execPath, [SERVER, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
    this.server.stdout.on("data", (data) => this.read(data));
  }

  send(message) {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  ask(method, params) {
    const id = ++this.last;
    this.send({ id, method, params });
    return new Promise((answer) => this.asked.set(id, answer));
  }

  read(data) {
    this.rest = Buffer.concat([this.rest, data]);
    for (;;) {
      const head = this.rest.indexOf("\r\n\r\n");
      const length = head < 0 ? null : /Content-Length: (\d+)/i.exec(this.rest.subarray(0, head).toString());
      const end = length ? head + 4 + Number(length[1]) : Infinity;
      if (this.rest.length < end) return;
      const message = JSON.parse(this.rest.subarray(head + 4, end).toString());
      this.rest = this.rest.subarray(end);
      this.hear(message);
    }
  }

  hear(message) {
    if (message.method === "textDocument/publishDiagnostics") {
      const { uri, diagnostics } = message.params;
      this.marks.get(uri)?.(diagnostics);
    } else if (message.method && message.id !== undefined) {
      const settings = { validate: true, hover: true, completion: true, schemaStore: { enable: false } };
      const result = message.method === "workspace/configuration" ? message.params.items.map((one) => (one.section === "yaml" ? settings : null)) : null;
      this.send({ id: message.id, result });
    } else if (message.id !== undefined) {
      assert(!message.error, JSON.stringify(message.error));
      this.asked.get(message.id)(message.result);
    }
  }

  async start() {
    const workspace = { configuration: true, didChangeConfiguration: { dynamicRegistration: true } };
    const hover = { contentFormat: ["markdown"] };
    const completion = { completionItem: { documentationFormat: ["markdown"], snippetSupport: true } };
    await this.ask("initialize", { processId: process.pid, rootUri: url.pathToFileURL(this.folder).href, capabilities: { workspace, textDocument: { hover, completion } } });
    this.send({ method: "initialized", params: {} });
  }

  /** Opens a file; what is marked in it. */
  open(name, text) {
    const uri = url.pathToFileURL(path.join(this.folder, name)).href;
    const marks = new Promise((answer) => this.marks.set(uri, answer));
    this.send({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "yaml", version: 1, text } } });
    return { uri, marks };
  }
}

/** Text with a cursor `|`, and where that is. */
function cursor(text) {
  const before = text.slice(0, text.indexOf("|")).split("\n");
  return { text: text.replace("|", ""), position: { line: before.length - 1, character: before.at(-1).length } };
}

async function main(program) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eksnet-editor-"));
  const run = (...words) => execFileSync(program, words, { cwd: folder, stdio: ["ignore", "pipe", "ignore"] }).toString();
  fs.writeFileSync(path.join(folder, "eksnet.schema.json"), run("schema"));
  const head = "# yaml-language-server: $schema=./eksnet.schema.json\napiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: shop, region: eu-west-1 }\n";
  const editor = new Editor(folder);
  await editor.start();
  let number = 0;
  const at = async (method, text) => {
    const place = cursor(head + text);
    const { uri, marks } = editor.open(`a${++number}.yaml`, place.text);
    await marks;
    return editor.ask(method, { textDocument: { uri }, position: place.position });
  };
  const offered = async (text) => {
    const answer = await at("textDocument/completion", text);
    return (answer.items ?? answer).map((item) => item.label);
  };
  const hover = async (text) => {
    const { contents } = await at("textDocument/hover", text);
    return contents.value ?? contents;
  };

  const tiers = await offered("tiers:\n  - name: nodes\n    |\n");
  for (const key of ["size", "egress", "serves", "from"]) assert(tiers.includes(key), `tiers[] is offered ${tiers}`);
  assert(!tiers.includes("vpc"), "a key of the top is offered in a tier");
  const egress = await offered("tiers:\n  - name: nodes\n    egress: |\n");
  for (const value of ["nat", "internet", "none"]) assert(egress.includes(value), `egress is offered ${egress}`);
  for (const [text, word] of [["v|pc: { cidr: 10.0.0.0/16 }\n", "VPC"], ["awsNode:\n  prefix|Delegation: true\n", "/28"], ["tiers:\n  - name: a\n    si|ze: /24\n", "/"]]) {
    const said = await hover(text);
    assert(said.length > 20 && said.includes(word), `hovering over ${text} says ${said}`);
  }

  const marked = async (text) => (await editor.open(`a${++number}.yaml`, head + text).marks).map((mark) => mark.range.start.line + 1);
  assert.deepStrictEqual(await marked("vpc: { cidr: 10.0.0.0/16 }\ntiers:\n  - { name: a, size: /24, egress: none, serve: [nodes] }\n"), [7], "an unknown key");
  assert.deepStrictEqual(await marked("vpc: { cidr: 10.0.0.0/16 }\ntiers:\n  - name: a\n    size: /24\n    egress: nowhere\n    serves: [nodes]\n"), [9], "an unknown value");
  let clean = 0;
  for (const name of run("init", "--list").split("\n").map((line) => line.trim().split(/\s/)[0]).filter(Boolean)) {
    try { run("init", name, "--from", name); } catch { continue; }
    const text = fs.readFileSync(path.join(folder, `${name}.yaml`), "utf8");
    const schema = "# yaml-language-server: $schema=./eksnet.schema.json\n";
    const marks = await editor.open(`b-${name}.yaml`, schema + text).marks;
    assert.deepStrictEqual(marks.map((mark) => `${name}:${mark.range.start.line}: ${mark.message}`), []);
    clean += 1;
  }
  assert(clean > 20, `${clean} examples`);
  editor.server.kill();
  fs.rmSync(folder, { recursive: true });
  console.log(`completion, hover and marks are right; ${clean} examples have no mark`);
}

main(process.argv[2]).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
