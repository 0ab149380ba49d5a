// The player's arithmetic: every run takes six seconds, whatever its length, and its steps are readable.

import assert from "node:assert/strict";
import { test } from "node:test";

import { advanced, written } from "../../../../pages/ui/js/player.js";

test("a run takes six seconds at speed 1 and ends at its last step", () => {
  for (const steps of [0.02, 60, 2000]) {
    let [step, frames] = [0, 0];
    while (step < steps) {
      step = advanced(step, 20, 1, steps);
      frames += 1;
    }
    assert.equal(step, steps);
    assert.ok(Math.abs(frames - 300) <= 1, `${frames} frames of 20 ms`);
  }
});

test("speed divides the time", () => {
  assert.equal(advanced(10, 600, 2, 60), 22);
  assert.equal(advanced(10, 600, 0.25, 60), 11.5);
});

test("a frame before the start goes nowhere and a hidden tab's frame counts one second", () => {
  assert.equal(advanced(10, -5, 1, 60), 10);
  assert.equal(advanced(10, 60_000, 1, 60), 20);
});

test("points are counted whole, places have three digits", () => {
  assert.equal(written(59.97, false), 59);
  assert.equal(written(12.3456, true), 12.3);
  assert.equal(written(0.0123456, true), 0.0123);
});
