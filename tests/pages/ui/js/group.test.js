// Groups: a change of a group's player reaches the followers of this group, and no others.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { join } from "../../../../pages/ui/js/group.js";

// A follower that records the steps that it receives.
function member(id) {
  const seen = [];
  const follower = () => seen.push(own.group.shown);
  const own = { seen, follower, group: join(id, follower) };
  return own;
}

beforeEach(() => {
  globalThis.labGroups = undefined;
});

test("two groups do not disturb each other", () => {
  const [map, curves, losses] = [member("surfaces"), member("surfaces"), member("race")];
  map.group.seek(7);
  losses.group.seek(2);
  map.group.point(3);
  assert.deepEqual(map.seen, [7, 3]);
  assert.deepEqual(curves.seen, [7, 3]);
  assert.deepEqual(losses.seen, [2]);
  assert.equal(losses.group.shown, 2);
});

test("who mounts late finds its group's step", () => {
  member("race").group.seek(5);
  assert.equal(member("race").group.step, 5);
  assert.equal(member("flow").group.step, undefined);
});

test("a step that a text names goes before the player until it is left", () => {
  const { group } = member("race");
  group.seek(4);
  group.peek(2);
  assert.deepEqual([group.drawn, group.shown, group.step], [2, 2, 4]);
  group.peek(undefined);
  assert.deepEqual([group.drawn, group.shown], [4, 4]);
});

test("the pointer goes before the player until it leaves", () => {
  const { group } = member("flow");
  group.seek(4);
  group.point(0);
  assert.equal(group.shown, 0);
  group.seek(5);
  assert.equal(group.shown, 0);
  group.point(undefined);
  assert.equal(group.shown, 5);
});

test("a follower that joins another group no longer hears of the first", () => {
  const { seen, follower, group } = member("training");
  const other = join("highway", follower, group);
  group.seek(1);
  assert.deepEqual(seen, []);
  assert.equal(join("highway", follower, other), other);
  assert.equal(group.followers.size, 0);
  assert.equal(other.followers.size, 1);
});

test("without an id nobody else is in the group", () => {
  const [one, other] = [member(undefined), member(null)];
  one.group.seek(3);
  assert.equal(other.group.step, undefined);
  assert.deepEqual(other.seen, []);
});
