// Paths: how far a path has grown, where its head is, and how long its arrows are.

import assert from "node:assert/strict";
import { test } from "node:test";

import { freePlace } from "../../../../pages/ui/js/callouts.js";
import { between, longestArrows, reached } from "../../../../pages/ui/js/paths.js";

test("a path that runs along the axis reaches a place in its own time", () => {
  const x = [0, 1, 3, 7];
  assert.deepEqual(
    [0, 0.25, 1, 2, 5, 7, 100].map((place) => reached(x, place)),
    [0, 0.25, 1, 1.5, 2.5, 3, 3],
  );
});

test("before its first point a path stays there", () => {
  assert.equal(reached([2, 4], 1), 0);
  assert.equal(reached([2], 9), 0);
});

test("the head lies on the line between two points", () => {
  const path = { x: [0, 10, 20], y: [5, 5, 1] };
  assert.deepEqual(between(path, 1.25, 1), [12.5, 4, 0]);
  assert.deepEqual(between(path, 2, 2), [20, 1, 0]);
  assert.deepEqual(between({ ...path, z: [0, 1, 3] }, 0.5, 0), [5, 5, 0.5]);
});

test("the longest arrow of each kind is found by its column", () => {
  const customdata = [
    [9, 9, 3, 4, 0, 0],
    [9, 9, 0, 1, 0, -2],
  ];
  const arrows = [
    { column: 2, dash: [] },
    { column: 4, dash: [] },
  ];
  assert.deepEqual(longestArrows({ meta: { arrows }, customdata }), { 2: 5, 4: 2 });
  assert.deepEqual(longestArrows({ meta: { path: true } }), {});
});

test("a text stands in the frame and covers no other text", () => {
  const frame = { left: 0, top: 0, width: 200, height: 100 };
  const taken = [];
  for (let count = 0; count < 4; count++) {
    const box = freePlace(190, 50, 60, 15, taken, frame);
    assert.ok(box.left >= 0 && box.left + box.width <= 200 && box.top >= 0 && box.top + box.height <= 100);
    for (const other of taken) {
      const apart = Math.abs(box.top - other.top) >= 15 || box.left + 60 <= other.left || other.left + 60 <= box.left;
      assert.ok(apart);
    }
    taken.push(box);
  }
  assert.equal(freePlace(5, 5, 300, 15, [], frame), undefined);
});
