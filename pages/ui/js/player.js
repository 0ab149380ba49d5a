// The player below a chart: a button, a slider and a speed. It moves the step of its group.

const SPEEDS = [0.25, 0.5, 1, 2, 4];
const SECONDS = 6; // for a whole run at speed 1

// The step after `passed` more milliseconds. `passed` is limited at both ends: the first frame may carry a time before
// play() was called, and a hidden tab makes a long frame.
export function advanced(step, passed, speed, steps) {
  const seconds = Math.min(Math.max(passed, 0), 1000) / 1000;
  return Math.min(step + (seconds * speed * steps) / SECONDS, steps);
}

// The number shown for a step. along: steps are places on the x axis, not a count of points.
export function written(step, along) {
  return along ? Number(step.toPrecision(3)) : Math.floor(step);
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
    this.select.replaceChildren(
      ...SPEEDS.map((speed) =>
        Object.assign(document.createElement("option"), { value: speed, textContent: `${speed}×` }),
      ),
    );
    this.select.value = "1";
    this.button.onclick = () => (this.playing ? this.pause() : this.play());
    this.range.oninput = () => {
      this.pause();
      this.seek(Number(this.range.value));
    };
    this.select.onchange = () => {
      this.speed = Number(this.select.value);
    };
    this.arrows.onchange = () => this.chart.overlay.draw(this.step);
  }

  // options: the figure's Player. replay: start again from 0.
  load(options, replay) {
    const ended = this.step >= this.steps;
    this.steps = options.steps;
    this.word = options.word ?? "step";
    this.along = Boolean(options.along);
    this.range.max = options.steps;
    this.range.step = this.along ? "any" : 1; // with steps of a hundredth, rounding may miss the end
    this.bar.querySelector(".lab-arrows").hidden = !options.arrows;
    if (this.fresh || replay) {
      this.fresh = false;
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.step = still ? this.steps : 0;
      if (!still) this.play();
    } else if (ended && !this.playing) {
      this.step = this.steps;
    }
    this.seek(Math.min(this.step, this.steps));
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
    const step = advanced(this.step, now - this.last, this.speed, this.steps);
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
    this.chart.overlay.draw(step);
    this.chart.group.seek(step);
  }

  mark() {
    this.button.textContent = this.playing ? "❚❚" : "▶";
    this.button.setAttribute("aria-label", this.playing ? "Pause" : "Play");
    this.node.dataset.playing = this.playing;
  }
}
