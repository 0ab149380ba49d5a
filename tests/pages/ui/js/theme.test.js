// The theme: how bright a colour is, and which colours a figure takes from the page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { luminance, scaled, themed } from "../../../../pages/ui/js/theme.js";

test("black is dark and white is light, however they are written", () => {
  for (const white of ["#ffffff", "rgb(255, 255, 255)"]) assert.ok(Math.abs(luminance(white) - 1) < 1e-12);
  for (const black of ["#000000", "rgba(0, 0, 0, 1)"]) assert.equal(luminance(black), 0);
  assert.ok(luminance("#00ff00") > luminance("#ff0000"));
});

test("colours by theme follow the page; what the figure sets stays", () => {
  const meta = { colorscale: { light: ["l"], dark: ["d"] } };
  const figure = {
    data: [
      { meta },
      { marker: { size: 3, line: { width: 2 } }, meta: { marker: { light: "#111", dark: "#eee" } } },
      {},
    ],
    layout: { xaxis: { gridcolor: "red" }, yaxis2: {}, font: { size: 13 } },
  };
  const theme = { background: "#000000", text: "#fafafa", font: "serif", dark: true };
  const { data, layout } = themed(figure, theme);
  assert.deepEqual(data[0].colorscale, ["d"]);
  assert.deepEqual(data[1].marker, { size: 3, color: "#eee", line: { width: 2, color: "#eee" } });
  assert.deepEqual(data[2], {});
  assert.equal(layout.xaxis.gridcolor, "red");
  assert.match(layout.yaxis2.gridcolor, /^rgba/);
  assert.deepEqual(layout.font, { size: 13, color: "#fafafa", family: "serif" });
  assert.deepEqual(themed(figure, { ...theme, dark: false }).data[0].colorscale, ["l"]);
});

test("texts and margins grow together, and data and meta stay", () => {
  const figure = {
    data: [{ x: [1], marker: { size: 5 }, colorbar: { tickfont: { size: 10 } } }],
    layout: {
      font: { size: 13 },
      margin: { l: 40 },
      xaxis: { title: { standoff: 4 }, range: [0, 1] },
      scene: { xaxis: { tickfont: { size: 12 } } },
      meta: { size: 1 },
    },
  };
  const { data, layout } = scaled(figure, 2);
  assert.deepEqual(layout, {
    font: { size: 26 },
    margin: { l: 80 },
    xaxis: { title: { standoff: 8 }, range: [0, 1] },
    scene: { xaxis: { tickfont: { size: 18 } } }, // less, as these texts crowd
    meta: { size: 1 },
  });
  assert.deepEqual(data, [{ x: [1], marker: { size: 5 }, colorbar: { tickfont: { size: 20 } } }]);
});
