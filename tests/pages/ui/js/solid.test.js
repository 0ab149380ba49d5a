// Paths in a 3-D scene: an outline below each path, no point that WebGL cannot draw, and points found on the screen.

import assert from "node:assert/strict";
import { test } from "node:test";

import { cased, near, onScreen } from "../../../../pages/ui/js/solid.js";

const SCENE = { xaxis: { range: [-1, 1] }, yaxis: { range: [-1, 1] }, zaxis: { range: [0, 5] } };

test("the outline has the background's colour, is wider than its path, and lies just below it", () => {
  const path = {
    type: "scatter3d",
    name: "Adam",
    x: [0, 1],
    y: [0, 1],
    z: [2, Number.NaN],
    line: { color: "red", width: 6 },
  };
  const [outline, own] = cased({ ...path, meta: { path: true } }, { background: "white" }, SCENE);
  assert.equal(outline.line.color, "white");
  assert.ok(outline.line.width > own.line.width);
  assert.ok(outline.z[0] < 2 && outline.z[0] > 1.95 && Number.isNaN(outline.z[1]));
  assert.deepEqual([own.x, own.y, own.z], [path.x, path.y, path.z]);
  assert.ok(own.meta.path && !outline.meta.path && outline.showlegend === false);
});

test("a path ends before the first point that is too far away", () => {
  const ranges = [SCENE.xaxis.range, SCENE.yaxis.range, SCENE.zaxis.range];
  const path = [
    [0, 3, 1e9, 2],
    [0, 1, 1, 1],
    [0, Number.NaN, 300, 4],
  ];
  assert.deepEqual(near(path, ranges), [
    [0, 3],
    [0, 1],
    [0, Number.NaN],
  ]);
  assert.equal(near([[1e99], [0], [0]], ranges)[0].length, 1); // the start stays
});

test("a point is where the camera's matrices put it", () => {
  const one = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const moved = [...one.slice(0, 12), 0.5, 0, 0, 1]; // by a half to the right
  const half = [...one.slice(0, 15), 2]; // as far as twice the distance
  const scene = { dataScale: [0.1, 1, 1], glplot: { cameraParams: { model: one, view: moved, projection: half } } };
  const at = onScreen(scene, { left: 10, top: 20, width: 200, height: 100 });
  assert.deepEqual(at(5, 1, 0), [10 + 200 * 0.75, 20 + 100 * 0.25]);
});
