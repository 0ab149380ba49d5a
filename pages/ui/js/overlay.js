// What moves over a chart: growing paths with a head and state arrows, or a cursor that follows another chart's player.

const ARROW = 38; // pixels: arrows show directions only
const FAR = 20_000; // pixels outside the picture, where a path ends: a canvas gives up dashes on longer lines
const FAINT = 1e-6; // of its longest on the path: below, an arrow has no direction worth showing

class Overlay {
  constructor(node, plot) {
    this.node = node;
    this.plot = plot;
    this.canvas = node.querySelector("canvas");
    this.step = 0;
    this.follow = (event) => this.following && this.draw(event.detail);
    window.addEventListener(STEP_EVENT, this.follow);
  }

  stop() {
    window.removeEventListener(STEP_EVENT, this.follow);
  }

  // along: a step is a place on the x axis, which each path reaches in its own time.
  load(theme, along) {
    this.theme = theme;
    this.along = along;
    const traces = this.plot._fullData;
    this.paths = traces.filter((trace) => trace.meta?.path && trace.visible === true);
    this.longest = new Map(this.paths.map((path) => [path, longestArrows(path)]));
    this.following = traces.some((trace) => trace.meta?.follow);
    this.solid = this.paths.filter((trace) => trace.type === "scatter3d");
    this.whole = this.solid.map((trace) => ({ x: trace.x, y: trace.y, z: trace.z }));
    if (this.following && window.labStep !== undefined) this.step = window.labStep;
  }

  draw(step = this.step) {
    this.step = step;
    const { width, height } = this.plot.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${height}px`;
    }
    const pen = this.canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    if (this.solid.length) return this.shorten(step);
    const { xaxis, yaxis } = this.plot._fullLayout;
    if (!xaxis || !yaxis || !(this.paths.length || this.following)) return;
    pen.save();
    pen.beginPath();
    pen.rect(xaxis._offset, yaxis._offset, xaxis._length, yaxis._length);
    pen.clip();
    const at = (x, y) => [xaxis._offset + xaxis.d2p(x), yaxis._offset + yaxis.d2p(y)];
    if (this.following) this.cursor(pen, at(step, yaxis.range[0])[0], yaxis);
    for (const path of this.paths) this.trail(pen, path, step, at);
    pen.restore();
  }

  cursor(pen, x, yaxis) {
    pen.strokeStyle = this.theme.text;
    pen.globalAlpha = 0.5;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x, yaxis._offset);
    pen.lineTo(x, yaxis._offset + yaxis._length);
    pen.stroke();
    pen.globalAlpha = 1;
  }

  trail(pen, path, step, at) {
    const last = this.along ? reached(path.x, step) : Math.min(step, path.x.length - 1);
    const whole = Math.floor(last);
    pen.lineJoin = "round";
    pen.setLineDash({ dash: [8, 4], dot: [2, 4], dashdot: [8, 4, 2, 4] }[path.line.dash] ?? []);
    pen.beginPath();
    const head = between(path, last, whole).map(Number);
    const [x, y] = at(head[0], head[1]);
    let from = at(path.x[0], path.y[0]);
    for (let index = 0; index <= whole + 1; index++) {
      const to = index <= whole ? at(path.x[index], path.y[index]) : [x, y];
      const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
      const size = Math.max(Math.abs(dx), Math.abs(dy));
      if (size > FAR) {
        pen.lineTo(from[0] + (dx / size) * FAR, from[1] + (dy / size) * FAR);
        break;
      }
      pen.lineTo(...to);
      from = to;
    }
    // A casing in the background's colour keeps every optimizer's colour legible on the relief.
    for (const [colour, alpha, width] of [[this.theme.background, 0.5, 3], [path.line.color, 1, 0.6]]) {
      pen.strokeStyle = colour;
      pen.globalAlpha = alpha;
      pen.lineWidth = path.line.width + width;
      pen.stroke();
    }
    pen.setLineDash([]);
    if (this.node.querySelector(".lab-arrows input").checked) this.arrows(pen, path, whole, x, y);
    pen.beginPath();
    pen.arc(x, y, 6, 0, 2 * Math.PI);
    pen.fillStyle = path.line.color;
    pen.fill();
    pen.lineWidth = 2;
    pen.strokeStyle = this.theme.background;
    pen.stroke();
    if (path.meta.tag) this.tag(pen, path.meta.tag, x + 9, y - 9);
  }

  // Twins share a colour: their heads carry what tells them apart.
  tag(pen, text, x, y) {
    pen.font = `12px ${this.theme.font}`;
    pen.lineWidth = 3;
    pen.strokeStyle = this.theme.background;
    pen.strokeText(text, x, y);
    pen.fillStyle = this.theme.text;
    pen.fillText(text, x, y);
  }

  // One arrow a pair of columns of `customdata`, from `meta.arrows`: {column, style}. A zero vector draws nothing.
  arrows(pen, path, index, x, y) {
    for (const { column, dash } of path.meta.arrows ?? []) {
      const [right, up] = [path.customdata[index][column], path.customdata[index][column + 1]];
      const { xaxis, yaxis } = this.plot._fullLayout;
      const [dx, dy] = [right * xaxis._m, up * yaxis._m];
      const length = Math.hypot(dx, dy);
      if (!(Math.hypot(right, up) > FAINT * this.longest.get(path)[column]) || !Number.isFinite(length)) continue;
      const [tipX, tipY] = [x + (dx / length) * ARROW, y + (dy / length) * ARROW];
      const angle = Math.atan2(dy, dx);
      pen.strokeStyle = this.theme.text;
      pen.lineWidth = 2;
      pen.setLineDash(dash);
      pen.beginPath();
      pen.moveTo(x, y);
      pen.lineTo(tipX, tipY);
      pen.stroke();
      pen.setLineDash([]);
      pen.beginPath();
      for (const turn of [-0.5, 0.5]) {
        pen.moveTo(tipX, tipY);
        pen.lineTo(tipX - 8 * Math.cos(angle + turn), tipY - 8 * Math.sin(angle + turn));
      }
      pen.stroke();
    }
  }

  // Lines in a 3-D scene are hidden by the surface in front of them, so they are shortened in place.
  shorten(step) {
    const scene = this.plot._fullLayout.scene._scene;
    if (!scene?.glplot) return; // a browser without WebGL: Plotly says so in its place
    this.solid.forEach((trace, index) => {
      const { x, y, z } = this.whole[index];
      const last = Math.min(step, x.length - 1);
      const whole = Math.floor(last);
      const head = between(this.whole[index], last, whole);
      const cut = (values, axis) => [...values.slice(0, whole + 1), head[axis]];
      scene.traces[trace.uid]?.update({ ...trace, x: cut(x, 0), y: cut(y, 1), z: cut(z, 2) });
    });
    scene.glplot.redraw();
  }
}

// The length of the longest arrow of each kind along a path, by its column.
function longestArrows(path) {
  const longest = {};
  for (const { column } of path.meta.arrows ?? []) {
    longest[column] = path.customdata.reduce((most, row) => Math.max(most, Math.hypot(row[column], row[column + 1])), 0);
  }
  return longest;
}

function between(path, last, whole) {
  const next = Math.min(whole + 1, path.x.length - 1);
  return ["x", "y", "z"].map((axis) => {
    const values = path[axis];
    return values ? values[whole] + (last - whole) * (values[next] - values[whole]) : 0;
  });
}

// How far a path has come where its rising x is `place`, in points and parts of the way to the next.
function reached(x, place) {
  const index = Math.max(0, x.findLastIndex((own) => own <= place));
  return index + 1 < x.length ? index + Math.max(0, place - x[index]) / (x[index + 1] - x[index]) : index;
}
