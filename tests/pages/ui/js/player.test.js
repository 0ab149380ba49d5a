// The player's arithmetic: how fast a run is played, what a step is, what the keys do, and how a step is written.

import assert from "node:assert/strict";
import { test } from "node:test";

import { advanced, keyed, stepped, written } from "../../../../pages/ui/js/player.js";

function frames(steps, along) {
  let [step, count] = [0, 0];
  while (step < steps) {
    step = advanced(step, 20, 1, steps, along);
    count += 1;
  }
  assert.equal(step, steps);
  return count;
}

test("a long run takes eight seconds at speed 1 and ends at its last step", () => {
  for (const [steps, along] of [
    [0.02, true],
    [60, false],
    [2000, false],
  ]) {
    assert.ok(Math.abs(frames(steps, along) - 400) <= 1);
  }
});

test("a short run gives every step the same time", () => {
  assert.ok(Math.abs(frames(10, false) - 200) <= 1);
});

test("a long run starts slowly: after a quarter of the time it has come a sixteenth of the way", () => {
  let step = 0;
  for (let count = 0; count < 100; count++) step = advanced(step, 20, 1, 400, false);
  assert.ok(Math.abs(step - 25) < 0.5, `${step}`);
});

test("speed divides the time", () => {
  assert.equal(advanced(10, 800, 2, 80, true), 26);
  assert.equal(advanced(10, 800, 0.25, 80, true), 12);
});

test("a frame before the start goes nowhere and a hidden tab's frame counts one second", () => {
  assert.equal(advanced(10, -5, 1, 80, true), 10);
  assert.equal(advanced(10, 60_000, 1, 80, true), 20);
});

test("a step goes to the next whole point, and along an axis by a fiftieth", () => {
  assert.equal(stepped(3.4, 1, 10, false), 4);
  assert.equal(stepped(3.4, -1, 10, false), 3);
  assert.equal(stepped(10, 1, 10, false), 10);
  assert.equal(stepped(0, -1, 10, false), 0);
  assert.ok(Math.abs(stepped(1, 1, 50, true) - 2) < 1e-9);
});

test("the keys step, jump and toggle", () => {
  const player = { step: 5, steps: 40, along: false };
  assert.deepEqual(
    ["ArrowRight", "ArrowLeft", "PageUp", "Home", "End", " ", "a"].map((key) => keyed(key, player)),
    [6, 4, 15, 0, 40, "toggle", undefined],
  );
});

test("points are counted whole, places have three digits", () => {
  assert.equal(written(59.97, false), 59);
  assert.equal(written(12.3456, true), 12.3);
  assert.equal(written(0.0123456, true), 0.0123);
});
