// Playing a finished run: the traces marked `meta.path` are drawn again up to the current step, on a canvas over the
// plot (2-D) or by shortening the lines in place (3-D). Charts marked `meta.follow` keep a cursor at the same step.

const SPEEDS = [0.25, 0.5, 1, 2, 4];
const SECONDS = 6; // a whole run at speed 1
const STEP_EVENT = "lab-step";

class Player {
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
      ...SPEEDS.map((speed) => Object.assign(document.createElement("option"), { value: speed, textContent: `${speed}×` })),
    );
    this.select.value = "1";
    this.button.onclick = () => (this.playing ? this.pause() : this.play());
    this.range.oninput = () => {
      this.pause();
      this.seek(Number(this.range.value));
    };
    this.select.onchange = () => (this.speed = Number(this.select.value));
    this.arrows.onchange = () => this.chart.overlay.draw(this.step);
  }

  load(options) {
    const ended = this.step >= this.steps;
    this.steps = options.steps;
    this.word = options.word ?? "step";
    this.along = Boolean(options.along); // steps are a place on the x axis, no count of points
    this.range.max = options.steps;
    this.range.step = this.along ? "any" : 1; // of a hundredth, a hundred may fall short of the end
    this.bar.querySelector(".lab-arrows").hidden = !options.arrows;
    if (this.fresh || options.replay) {
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
    // The first frame may carry a time before play() was called; a hidden tab makes a long one.
    const passed = Math.min(Math.max(now - this.last, 0), 1000) / 1000;
    this.last = now;
    this.seek(Math.min(this.step + (passed * this.speed * this.steps) / SECONDS, this.steps));
    if (this.step >= this.steps) this.pause();
    else this.frame = requestAnimationFrame((later) => this.tick(later));
  }

  seek(step) {
    this.step = step;
    const shown = (value) => (this.along ? Number(value.toPrecision(3)) : Math.floor(value));
    this.range.value = this.along ? step : shown(step);
    this.label.textContent = `${this.word} ${shown(step)} of ${shown(this.steps)}`;
    this.range.setAttribute("aria-valuetext", this.label.textContent);
    this.chart.overlay.draw(step);
    window.labStep = step; // for charts that are mounted later
    window.dispatchEvent(new CustomEvent(STEP_EVENT, { detail: step }));
  }

  mark() {
    this.button.textContent = this.playing ? "❚❚" : "▶";
    this.button.setAttribute("aria-label", this.playing ? "Pause" : "Play");
    this.node.dataset.playing = this.playing;
  }
}
