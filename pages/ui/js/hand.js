// What the visitor's hand does on a chart: it picks a point by a press, moves the start by the arrow keys or by dragging
// it, and lights up the path whose name it points at.

import { Drag, under } from "./drag.js";

const AWAY = ["pointerover", "focusin", "focusout"];

export class Hand {
  constructor(chart) {
    this.chart = chart;
    this.plot = chart.plot;
    // In 3-D, only Plotly knows the point under the pointer. But Plotly also reports a click when a rotation starts.
    for (const name of ["plotly_hover", "plotly_click"]) this.plot.on(name, ({ points: [at] }) => (this.aim = at));
    this.plot.on("plotly_unhover", () => (this.aim = undefined));
    // Plotly may count the press that ends a zoom's drag as the first click of a double click.
    this.plot.on("plotly_doubleclick", () => {
      this.forget();
      if (chart.zoomed.size) this.returned = performance.now();
    });
    const primary = (event) => event.isPrimary && event.button === 0;
    const press = (event) => (this.pressed = primary(event) ? event : undefined);
    this.plot.addEventListener("pointerdown", press, true);
    this.released = (event) => this.press(event);
    window.addEventListener("pointerup", this.released, true);
    this.drag = new Drag(chart, (x, y) => this.pick(x, y));
    this.plot.addEventListener("keydown", (event) => this.steer(event));
    this.pointed = (event) => this.name(event);
    for (const name of AWAY) document.addEventListener(name, this.pointed);
  }

  // Handle a press and release on the plot without a drag. Plotly's own click needs a hover first, but a tap has none.
  press(event) {
    const from = this.pressed;
    this.pressed = undefined;
    if (!from || Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) > 4) return;
    if (from.target.closest(".gl-container")) return this.aim && this.pick(this.aim.x, this.aim.y);
    if (!from.target.classList.contains("nsewdrag")) return;
    const [x, y] = under(this.drag.axes, this.drag.place(event));
    if (performance.now() - this.returned < this.plot._context.doubleClickDelay) return;
    if (!this.chart.zoomed.size) return this.pick(x, y);
    // A double click resets the zoom. So a first press becomes a pick only when it is too late for a second press.
    if (this.waiting) return this.forget();
    this.waiting = setTimeout(() => {
      this.forget();
      this.pick(x, y);
    }, this.plot._context.doubleClickDelay);
  }

  forget() {
    clearTimeout(this.waiting);
    this.waiting = undefined;
  }

  pick(x, y) {
    if (this.chart.picks) this.chart.picked({ x, y });
  }

  // The arrow keys move the start by a fiftieth of the picture, or by a tenth with Shift. It is sent after the last key.
  // They move the mark of a prediction in the same way, and the Enter key sends it.
  steer(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (event.target !== this.plot || !this.chart.picks || !this.chart.meta.start) return;
    if (event.key === "Enter" && this.chart.marking && this.steered) return this.send();
    if (!way) return;
    event.preventDefault();
    const { xaxis, yaxis } = this.plot._fullLayout;
    const from = this.steered ?? this.chart.meta.start;
    const strides = [xaxis, yaxis].map((axis, at) => this.stride(axis, at));
    this.steered = from.map((value, at) => value + way[at] * (event.shiftKey ? 5 : 1) * strides[at]);
    clearTimeout(this.steering);
    if (this.chart.marking) this.aimAt(this.steered);
    else this.steering = setTimeout(() => this.send(), 250);
  }

  // How far an arrow key moves the start along an axis, towards its end.
  stride(axis, at) {
    const length = axis.range[1] - axis.range[0];
    return this.chart.meta.stride ? Math.sign(length) * this.chart.meta.stride[at] : length / 50;
  }

  send() {
    const [x, y] = this.steered;
    this.steered = undefined;
    this.aimAt(undefined);
    this.pick(x, y);
  }

  // Show where the mark would be set.
  aimAt(place) {
    this.chart.overlay.aim = place;
    this.chart.overlay.draw();
  }

  // A name in a text of the page, with the class lab-called, lights up the path of that name. The number of a step shows
  // the picture at that step.
  name(event) {
    const found = event.type !== "focusout" ? event.target.closest?.(".lab-called") : undefined;
    const { group, meta, waits } = this.chart;
    const { step: number, word } = found?.dataset ?? {};
    const counted = number && meta.player && !waits && word === (meta.player.word ?? "step");
    const step = counted ? Math.min(Number(number), meta.player.steps) : undefined;
    const name = number ? undefined : found?.textContent;
    if (group && meta.player && group.peeked !== step) group.peek(step);
    if (group && group.glow !== name) group.light(name);
  }

  stop() {
    this.forget();
    clearTimeout(this.steering);
    for (const name of AWAY) document.removeEventListener(name, this.pointed);
    window.removeEventListener("pointerup", this.released, true);
  }
}
