// A player and the charts and galleries that follow it form a group, named by an id (see engine/figures/meta.py).
// Streamlit loads each component as a module of its own, so the groups are kept on the window.

export class Group {
  constructor(id) {
    this.id = id;
    this.step = undefined; // the player's step; undefined until a player has been drawn
    this.run = undefined; // what the player shows
    this.leader = undefined; // the player that leads the group
    this.left = undefined; // what a player that has gone leaves to the next one: whether it was playing
    this.ghosts = true; // whether the runs before the last change are shown
    this.glow = undefined; // the name of the path that is pointed at
    this.peeked = undefined; // the step whose number is pointed at in a text
    this.place = undefined; // the step under the pointer in the player's chart; undefined if there is none
    this.followers = new Set();
  }

  // The step that the paths show: the step that is pointed at in a text, or else the player's step.
  get drawn() {
    return this.peeked ?? this.step;
  }

  // The step that the curves show: the step under the pointer, or else that of the paths.
  get shown() {
    return this.place ?? this.drawn;
  }

  seek(step) {
    this.step = step;
    this.notify();
  }

  point(place) {
    this.place = place;
    this.notify();
  }

  peek(step) {
    this.peeked = step;
    this.notify();
  }

  showGhosts(on) {
    this.ghosts = on;
    this.notify();
  }

  light(name) {
    this.glow = name;
    this.notify();
  }

  notify() {
    for (const follower of this.followers) follower();
  }
}

// The group named `id`. Without an id, a new group with no other members.
function groupOf(id) {
  if (!id) return new Group(id);
  globalThis.labGroups ??= new Map();
  if (!globalThis.labGroups.has(id)) globalThis.labGroups.set(id, new Group(id));
  return globalThis.labGroups.get(id);
}

// Move `follower` from the group `left` to the group `id`, and return the group `id`. `follower` is a function that is
// called at each change of its group. A chart that is mounted late starts at the step that its group has reached.
export function join(id, follower, left) {
  if (left && left.id === id) return left;
  left?.followers.delete(follower);
  const group = groupOf(id);
  group.followers.add(follower);
  return group;
}
