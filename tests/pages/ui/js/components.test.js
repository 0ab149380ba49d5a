// Every component is a module whose imports exist, and its default export is what Streamlit calls.

import assert from "node:assert/strict";
import { test } from "node:test";

for (const name of ["chart", "gallery", "number", "table"]) {
  test(`${name} can be loaded`, async () => {
    const module = await import(`../../../../pages/ui/js/${name}.js`);
    assert.equal(typeof module.default, "function");
  });
}
