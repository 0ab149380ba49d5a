// Rows: which row a place reaches, and how numbers are read from a figure's JSON.

import assert from "node:assert/strict";
import { test } from "node:test";

import { numbers, Rows, reachedRow } from "../../../../pages/ui/js/rows.js";

function coded(array, dtype) {
  return { dtype, bdata: Buffer.from(array.buffer).toString("base64") };
}

test("a row is shown from its place to the next one's", () => {
  const at = [0, 10, 25];
  assert.deepEqual(
    [-1, 0, 9.99, 10, 24, 25, 1e9].map((place) => reachedRow(at, place)),
    [0, 0, 0, 1, 1, 2, 2],
  );
});

test("no row at all is as good as the first", () => {
  assert.equal(reachedRow([], 3), 0);
});

test("numbers come as a list or as bytes", () => {
  assert.deepEqual(numbers([1, 2.5]), [1, 2.5]);
  for (const [dtype, array] of [
    ["f4", new Float32Array([1.5, -2])],
    ["f8", new Float64Array([Math.PI, Number.NaN])],
    ["i1", new Int8Array([-1, 7])],
    ["u1", new Uint8Array([255, 0])],
    ["i2", new Int16Array([-300, 300])],
    ["u2", new Uint16Array([65_535, 1])],
    ["i4", new Int32Array([-70_000, 2])],
    ["u4", new Uint32Array([4_000_000_000, 3])],
  ]) {
    assert.deepEqual(numbers(coded(array, dtype)), array);
  }
});

test("only what changes is drawn, with its title", () => {
  const updates = [];
  const values = new Float32Array([1, 2, 3, 4, 5, 6]);
  const plot = { data: [{}, { meta: { rows: coded(values, "f4"), at: [0, 5, 9] } }] };
  const rows = new Rows(plot, { update: (_, { y }, layout, indices) => updates.push([[...y[0]], layout, indices]) });
  rows.load({ at: [0, 5, 9], texts: ["first", "second", "third"] });
  for (const place of [undefined, 4, 5, 6, 20]) rows.draw(place);
  assert.deepEqual(updates, [
    [[1, 2], { "xaxis.title.text": "first" }, [1]],
    [[3, 4], { "xaxis.title.text": "second" }, [1]],
    [[5, 6], { "xaxis.title.text": "third" }, [1]],
  ]);
});
