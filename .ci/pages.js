// Looks at pages of `eksnet report` in headless Chromium: `node pages.js FOLDER [PICTURES]`. Every page is held to axe-core's rules, light and
// dark, wide and narrow; nothing may be requested beside the page itself, and nothing may be wider than the window. Pictures are for people.
// NODE_PATH has puppeteer-core and axe-core; CHROMIUM is the browser.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const puppeteer = require("puppeteer-core");

const AXE = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const VIEWS = [
  { name: "light", scheme: "light", width: 1280 },
  { name: "dark", scheme: "dark", width: 1280 },
  { name: "narrow", scheme: "light", width: 360 },
  // What an A4 page leaves between its margins of 14 mm.
  { name: "print", scheme: "light", width: 688, media: "print" },
];

async function look(browser, file, view, pictures) {
  const page = await browser.newPage();
  const wrong = [];
  // The audit itself is a script, which the page's own policy forbids.
  await page.setBypassCSP(true);
  page.on("request", (request) => {
    const url = request.url();
    if (url !== `file://${file}` && !url.startsWith("data:")) wrong.push(`requests ${url}`);
  });
  page.on("console", (message) => wrong.push(`console: ${message.text()}`));
  await page.setViewport({ width: view.width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: view.scheme }]);
  if (view.media) await page.emulateMediaType(view.media);
  await page.goto(`file://${file}`);
  if (pictures) {
    const name = `${path.basename(file, ".html")}-${view.name}.png`;
    await page.screenshot({ path: path.join(pictures, name), fullPage: true });
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (wide > 0) wrong.push(`is ${wide} pixels wider than the window`);
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run());
  for (const one of violations) wrong.push(`${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.html).join(" ")}`);
  await page.close();
  return wrong.map((line) => `${path.basename(file)}, ${view.name}: ${line}`);
}

async function main([folder, pictures]) {
  const found = fs.readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".html"));
  const files = found.map((name) => path.resolve(folder, name));
  const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
  const wrong = [];
  for (const file of files) {
    for (const view of VIEWS) wrong.push(...(await look(browser, file, view, pictures)));
  }
  await browser.close();
  wrong.forEach((line) => console.error(line));
  console.log(`${files.length} pages in ${VIEWS.length} views: ${wrong.length} findings`);
  process.exit(wrong.length || !files.length ? 1 : 0);
}

main(process.argv.slice(2));
