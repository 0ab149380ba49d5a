/* Visit the app in the system's Firefox, which Playwright cannot drive.

Usage: node firefox.js PROGRAM ADDRESS LOCALE. Standard input is JSON: {settled, visits: [{path, name, text}]}. `settled`
is an expression whose promise resolves when a page does not change any more. On each visit, `text` is typed into the box
`name`, if there is a name. It prints a JSON list with {locale, charts, value, address, errors} of each visit. */

import { readFileSync } from "node:fs";
import puppeteer from "puppeteer-core";

const [executablePath, server, locale] = process.argv.slice(2);
const { settled, visits } = JSON.parse(readFileSync(0, "utf8"));

/** Where the page is; page.url() misses what the page itself writes into the address in Firefox before version 144. */
const address = (page) => page.evaluate(() => location.href);

async function visit(page, { path, name, text }) {
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(server + path);
  await page.waitForSelector(".lab-chart[data-drawn]");
  await page.evaluate(settled);
  const selector = `input[aria-label="${name}"]`;
  if (name) {
    const before = await address(page);
    await (await page.waitForSelector(selector)).click({ count: 3 });
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
    await page.waitForFunction((old) => location.href !== old, {}, before);
    await page.evaluate(settled);
  }
  return {
    locale: await page.evaluate(() => navigator.language),
    charts: await page.$$eval(".lab-chart[data-drawn] .main-svg", (drawn) => drawn.length),
    value: name ? await page.$eval(selector, (input) => input.value) : "",
    address: (await address(page)).slice(server.length),
    errors,
  };
}

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath,
  // Puppeteer's setViewport also turns the screen, which Firefox before version 144 refuses.
  args: ["--width=1280", "--height=800"],
  defaultViewport: null,
  extraPrefsFirefox: { "intl.accept_languages": locale, "ui.prefersReducedMotion": 1 },
});
try {
  const seen = [];
  for (const each of visits) {
    const page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    seen.push(await visit(page, each));
    await page.close();
  }
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}
