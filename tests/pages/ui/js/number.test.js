// Steps that follow one another quickly are sent as one.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { collector } from "../../../../pages/ui/js/number.js";

test("quick steps are sent together, and steps that cancel are not sent", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const move = collector((steps) => sent.push(steps), 100);
  for (const step of [1, 1, 1, -1]) {
    move(step);
    mock.timers.tick(60);
  }
  assert.deepEqual(sent, []);
  mock.timers.tick(100);
  assert.deepEqual(sent, [2]);
  move(1);
  move(-1);
  mock.timers.tick(100);
  move(-1);
  mock.timers.tick(100);
  assert.deepEqual(sent, [2, -1]);
});
