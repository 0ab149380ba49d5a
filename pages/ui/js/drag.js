// The visitor drags the ring at the start of a chart, by mouse or finger. Letting go picks the point under it.

const GRIP = 14; // pixels from the middle of the ring

// The point in data coordinates at a place of the plot, in pixels. A place beyond an axis counts as its end.
export function under(axes, place) {
  return axes.map((axis, at) => axis.p2d(Math.min(Math.max(place[at] - axis._offset, 0), axis._length)));
}

// Whether a place of the plot is near enough to a point in data coordinates to grab it.
export function grips(axes, place, point) {
  return Math.hypot(...axes.map((axis, at) => axis._offset + axis.d2p(point[at]) - place[at])) <= GRIP;
}

export class Drag {
  constructor(chart, pick) {
    this.chart = chart;
    this.plot = chart.plot;
    this.pick = pick;
    const on = (name, act) => this.plot.addEventListener(name, act, { capture: true, passive: false });
    on("pointerdown", (event) => this.grab(event));
    on("pointermove", (event) => (this.held ? this.follow(event) : this.show(this.near(event) ? "grab" : "")));
    on("pointerup", (event) => this.held && this.drop(event));
    on("pointercancel", () => this.held && this.back());
    // Plotly must not begin a zoom, nor the browser scroll.
    for (const name of ["mousedown", "touchstart"]) on(name, (event) => this.held && this.keep(event));
  }

  get axes() {
    return [this.plot._fullLayout.xaxis, this.plot._fullLayout.yaxis];
  }

  // The number of the trace that is the ring, or -1.
  get ring() {
    const { picks, waits, meta } = this.chart;
    if (!picks || waits || !meta.start) return -1;
    const open = ({ type, marker, x }) => type === "scatter" && marker?.symbol === "circle-open" && x?.length === 1;
    return this.plot._fullData.findLastIndex(open);
  }

  place(event) {
    const { left, top } = this.plot.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  near(event) {
    const ring = this.plot._fullData[this.ring];
    return ring && event.target.matches(".nsewdrag") && grips(this.axes, this.place(event), [ring.x[0], ring.y[0]]);
  }

  show(cursor) {
    if (this.chart.node.dataset.cursor !== cursor) this.chart.node.dataset.cursor = cursor;
  }

  grab(event) {
    if (!event.isPrimary || event.button !== 0 || !this.near(event)) return;
    this.held = this.place(event);
    this.plot.setPointerCapture(event.pointerId);
    this.show("grabbing");
  }

  keep(event) {
    event.stopPropagation();
    if (event.type === "touchstart") event.preventDefault();
  }

  follow(event) {
    this.to = under(this.axes, this.place(event));
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.move(this.to);
    });
  }

  // A press that hardly moved is a click, which the hand handles.
  drop(event) {
    const place = this.place(event);
    const moved = Math.hypot(place[0] - this.held[0], place[1] - this.held[1]) > 4;
    if (!moved) return this.back();
    this.end();
    const point = under(this.axes, place);
    this.move(point);
    this.pick(...point);
  }

  end() {
    cancelAnimationFrame(this.frame);
    this.frame = this.held = undefined;
    this.show("");
  }

  // Put the ring where the figure has it.
  back() {
    this.end();
    const ring = this.plot._fullData[this.ring];
    const { start } = this.chart.meta;
    if (ring && (ring.x[0] !== start[0] || ring.y[0] !== start[1])) this.move(start);
  }

  move([x, y]) {
    const { ring } = this;
    if (ring >= 0) this.chart.plotly.restyle(this.plot, { x: [[x]], y: [[y]] }, [ring]);
  }
}
