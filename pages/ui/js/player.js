// The player below a chart: buttons, a slider and a speed. It moves the step of its group. Two charts of one group that
// show the same run, such as a map and a relief, hand over its step, speed and arrows.

const SPEEDS = [0.25, 0.5, 1, 2, 4];
const MANY = 30; // a run of so many points starts slowly and gains speed
const SECONDS = 8; // for a run of many points, or along an axis, at speed 1
const EACH = 0.4; // seconds for each point of a run of few points

// The step after `passed` more milliseconds. `passed` is limited at both ends: the first frame may carry a time before
// play() was called, and a hidden tab makes a long frame. A run of many points gains speed steadily, so its first
// steps can be followed: after a quarter of the time it has come a sixteenth of the way.
export function advanced(step, passed, speed, steps, along) {
  const seconds = (Math.min(Math.max(passed, 0), 1000) / 1000) * speed;
  if (along) return Math.min(step + (seconds * steps) / SECONDS, steps);
  if (steps < MANY) return Math.min(step + seconds / EACH, steps);
  return Math.min(steps * (Math.sqrt(step / steps) + seconds / SECONDS) ** 2, steps);
}

// The step that is `count` steps after `step`, or before it. A run along an axis has fifty steps.
export function stepped(step, count, steps, along) {
  if (!steps) return 0;
  const unit = along ? steps / 50 : 1;
  const next = count > 0 ? Math.floor(step / unit + 1e-9) + count : Math.ceil(step / unit - 1e-9) + count;
  return Math.min(Math.max(next * unit, 0), steps);
}

// The number shown for a step. along: steps are places on the x axis, not a count of points.
export function written(step, along) {
  return along ? Number(step.toPrecision(3)) : Math.floor(step);
}

// What a key does to a player: it returns the new step, "toggle", or undefined if the key does nothing.
export function keyed(key, { step, steps, along }) {
  if (key === " ") return "toggle";
  const count = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[key];
  if (count) return stepped(step, count, steps, along);
  return { Home: 0, End: steps }[key];
}

export class Player {
  constructor(node, chart) {
    this.node = node;
    this.chart = chart;
    this.step = 0;
    this.speed = 1;
    this.playing = false;
    this.fresh = true;
    this.bar = node.querySelector(".lab-player");
    this.button = this.bar.querySelector(".lab-play");
    this.range = this.bar.querySelector(".lab-scrub");
    this.label = this.bar.querySelector(".lab-step");
    this.select = this.bar.querySelector(".lab-speed");
    this.arrows = this.bar.querySelector(".lab-arrows input");
    this.before = this.bar.querySelector(".lab-before input");
    this.select.replaceChildren(
      ...SPEEDS.map((speed) =>
        Object.assign(document.createElement("option"), { value: speed, textContent: `${speed}×` }),
      ),
    );
    this.select.value = "1";
    this.button.onclick = () => this.toggle();
    this.bar.querySelector(".lab-back").onclick = () => this.move(-1);
    this.bar.querySelector(".lab-next").onclick = () => this.move(1);
    this.range.oninput = () => this.hold(Number(this.range.value));
    this.bar.addEventListener("keydown", (event) => this.press(event));
    this.select.onchange = () => {
      this.speed = this.chart.group.speed = Number(this.select.value);
    };
    this.arrows.onchange = () => {
      this.chart.group.arrows = this.arrows.checked;
      this.chart.overlay.draw(this.step);
    };
    this.before.onchange = () => this.chart.group.showGhosts(this.before.checked);
  }

  press(event) {
    if (event.target === this.select || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && event.target !== this.range) return; // a button or a box has its own use for Space
    const to = keyed(event.key, this);
    if (to === undefined) return;
    event.preventDefault();
    if (to === "toggle") this.toggle();
    else this.hold(to);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  move(count) {
    this.hold(stepped(this.step, count, this.steps, this.along));
  }

  hold(step) {
    this.pause();
    this.seek(step);
  }

  // options: the figure's Player. run: what is shown. waits: stay at the start, because a question is open.
  // asks: a visitor who wants no motion begins at the first step, and sees the last one after the answer.
  load(options, run, { waits: waiting, asks: asking }) {
    const { group } = this.chart;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const again = run !== this.run || (this.waiting && !waiting) || (still && this.asking && !asking);
    const ended = this.step >= this.steps;
    Object.assign(this, {
      steps: options.steps,
      word: options.word ?? "step",
      along: Boolean(options.along),
      run,
      waiting,
      asking,
    });
    this.range.max = options.steps;
    this.range.step = this.along ? "any" : 1; // with steps of a hundredth, rounding may miss the end
    this.bar.querySelector(".lab-arrows").hidden = !options.arrows;
    // The chart before this one may still stand on the page.
    const other = group.leader !== this && !group.leader?.waiting ? group.leader : undefined;
    const left = group.left ?? (other && { playing: other.playing });
    other?.pause();
    if (waiting) {
      this.hold(0);
    } else if (this.fresh && group.run === run && left) {
      this.speed = group.speed ?? 1;
      this.select.value = this.speed;
      this.arrows.checked = group.arrows ?? true;
      this.seek(Math.min(group.step, this.steps));
      if (left.playing) this.play();
    } else if (again) {
      this.node.dataset.ended = false;
      this.step = still && !asking ? this.steps : 0;
      if (!still) this.play();
    } else if (ended && !this.playing) {
      this.step = this.steps;
    }
    this.fresh = false;
    group.run = run;
    group.left = undefined;
    group.leader = this;
    this.seek(Math.min(this.step, this.steps));
  }

  // The chart goes away. What it leaves in the group is for a chart that shows the same run in its place.
  leave() {
    const { group } = this.chart;
    if (group?.leader === this) {
      if (!this.waiting) group.left = { playing: this.playing };
      group.leader = undefined;
    }
    this.pause();
  }

  play() {
    if (this.step >= this.steps) this.step = 0;
    this.playing = true;
    this.mark();
    this.last = performance.now();
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame((now) => this.tick(now));
  }

  pause() {
    this.playing = false;
    cancelAnimationFrame(this.frame);
    this.mark();
  }

  tick(now) {
    if (!this.playing) return;
    const step = advanced(this.step, now - this.last, this.speed, this.steps, this.along);
    this.last = now;
    this.seek(step);
    if (this.step >= this.steps) this.pause();
    else this.frame = requestAnimationFrame((later) => this.tick(later));
  }

  seek(step) {
    this.step = step;
    this.range.value = this.along ? step : written(step, false);
    this.label.textContent = `${this.word} ${written(step, this.along)} of ${written(this.steps, this.along)}`;
    this.range.setAttribute("aria-valuetext", this.label.textContent);
    if (step >= this.steps) this.node.dataset.ended = true; // until another run is shown
    this.chart.overlay.draw(step);
    this.chart.group.seek(step);
  }

  mark() {
    this.button.textContent = this.playing ? "❚❚" : "▶";
    this.button.setAttribute("aria-label", this.playing ? "Pause" : "Play");
    this.node.dataset.playing = this.playing;
  }
}
