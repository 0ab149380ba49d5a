// What a path is made of: its longest arrows, the point between two steps, and how far it has come.

import { reachedRow } from "./rows.js";

// Column -> length of the longest arrow along a path. The arrow's two components begin in this column of `customdata`.
export function longestArrows(path) {
  const longest = {};
  for (const { column } of path.meta.arrows ?? []) {
    longest[column] = path.customdata.reduce(
      (most, row) => Math.max(most, Math.hypot(row[column], row[column + 1])),
      0,
    );
  }
  return longest;
}

// The point [x, y, z] of a path at `last`, a fractional index between its points `whole` and `whole + 1`.
export function between(path, last, whole) {
  const next = Math.min(whole + 1, path.x.length - 1);
  return ["x", "y", "z"].map((axis) => {
    const values = path[axis];
    return values ? values[whole] + (last - whole) * (values[next] - values[whole]) : 0;
  });
}

// The fractional index of `place` on a path with increasing x: 2.5 is half the way from point 2 to point 3.
export function reached(x, place) {
  const index = reachedRow(x, place);
  return index + 1 < x.length ? index + Math.max(0, place - x[index]) / (x[index + 1] - x[index]) : index;
}
