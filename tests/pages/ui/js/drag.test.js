// Dragging the ring: which point is under the pointer, and how near the pointer must be to grab it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { grips, under } from "../../../../pages/ui/js/drag.js";

// 200 pixels from -1 to 1, and 100 pixels from 10 at the bottom to 1000 at the top, by powers of ten.
const axes = [
  { _offset: 40, _length: 200, p2d: (pixel) => pixel / 100 - 1, d2p: (value) => 100 * (value + 1) },
  { _offset: 30, _length: 100, p2d: (pixel) => 10 ** (3 - pixel / 50), d2p: (value) => 50 * (3 - Math.log10(value)) },
];

test("the point under a place is read from the axes", () => {
  assert.deepEqual(under(axes, [140, 80]), [0, 100]);
});

test("a place beyond the axes counts as their end", () => {
  assert.deepEqual(under(axes, [-500, 500]), [-1, 10]);
  assert.deepEqual(under(axes, [500, -500]), [1, 1000]);
});

test("the ring is grabbed from near, in pixels, whatever the axes", () => {
  for (const point of [
    [0, 100],
    [-1, 1000],
  ]) {
    const [x, y] = [40 + axes[0].d2p(point[0]), 30 + axes[1].d2p(point[1])];
    assert.ok(grips(axes, [x, y], point));
    assert.ok(grips(axes, [x + 9, y - 10], point));
    assert.ok(!grips(axes, [x + 11, y - 11], point));
    assert.ok(!grips(axes, [x, y + 15], point));
  }
});
