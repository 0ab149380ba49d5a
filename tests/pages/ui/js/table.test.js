// The table's order: ascending, descending, or as given. Absent values come last in both directions.

import assert from "node:assert/strict";
import { test } from "node:test";

import { inOrder } from "../../../../pages/ui/js/table.js";

const ROWS = [3, null, 1, 2].map((by) => ({ cells: [{ by }] }));

function sorted(turn, column = 0) {
  return inOrder(ROWS, { column, turn }).map(({ cells }) => cells[0].by);
}

test("a click sorts up, a second one down, a third one as given", () => {
  assert.deepEqual(sorted(1), [1, 2, 3, null]);
  assert.deepEqual(sorted(2), [3, 2, 1, null]);
  assert.deepEqual(sorted(0), [3, null, 1, 2]);
});

test("a column that is gone sorts nothing", () => {
  assert.deepEqual(sorted(1, 5), [3, null, 1, 2]);
  assert.deepEqual(inOrder([], { column: 0, turn: 1 }), []);
});
