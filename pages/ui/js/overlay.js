// The moving parts of a chart: paths that grow, with a head and arrows, and a cursor at the step of the chart's group.
// Paths in a plane are drawn on a canvas over the plot. Paths in a 3-D scene are shortened in place, see solid.js.

import { drawCallOuts } from "./callouts.js";
import { between, longestArrows, reached } from "./paths.js";
import { onScreen, sceneOf, shorten } from "./solid.js";

const ARROW = 38; // pixels; all arrows have this length, because they show directions only
const FAR = 20_000; // pixels; a path ends on a longer segment, because a canvas draws no dashes on it
const FAINT = 1e-6; // share of the path's longest arrow; a shorter arrow is not drawn
const DASHES = { dash: [8, 4], dot: [2, 4], dashdot: [8, 4, 2, 4] };

export class Overlay {
  constructor(node, plot) {
    this.node = node;
    this.plot = plot;
    this.canvas = node.querySelector("canvas");
    this.step = 0;
    this.ghosts = []; // the paths and curves that stood here before the last change
    this.scale = 1; // of texts, which are larger in front of a class
  }

  // along: as in the figure's Player. step: the step of the chart's group, undefined until its player is drawn.
  load(theme, along, step) {
    this.theme = theme;
    this.along = along;
    const traces = this.plot._fullData;
    this.paths = traces.filter((trace) => trace.meta?.path && trace.visible === true);
    this.longest = new Map(this.paths.map((path) => [path, longestArrows(path)]));
    this.growing = traces.filter((trace) => trace.meta?.follow && trace.type === "scatter" && trace.visible === true);
    this.following = traces.some((trace) => trace.meta?.follow);
    const moving = sceneOf(this.plot) ? traces : []; // without WebGL, Plotly itself shows a message
    this.solid = moving.filter((trace) => trace.meta?.moves && trace.visible === true);
    if (this.following) this.step = step ?? this.step;
  }

  // What is shown now becomes the ghost of what comes. It is no ghost if the picture changes its place or its scale.
  remember(same) {
    this.ghosts = same ? [...this.paths, ...this.growing] : [];
  }

  // group: how the chart's group wants it: whether ghosts are shown, which path glows, and which step a text names.
  draw(reached = this.step, group = this.group) {
    this.step = reached;
    this.group = group;
    const step = group?.peeked ?? reached;
    if (this.solid.length) return this.drawSolid(step);
    const pen = this.clean();
    const { xaxis, yaxis } = this.plot._fullLayout;
    if (!xaxis || !yaxis || !(this.paths.length || this.following)) return;
    pen.save();
    pen.beginPath();
    pen.rect(xaxis._offset, yaxis._offset, xaxis._length, yaxis._length);
    pen.clip();
    const at = (x, y) => [xaxis._offset + xaxis.d2p(x), yaxis._offset + yaxis.d2p(y)];
    if (group?.ghosts) for (const ghost of this.ghosts) this.ghost(pen, ghost, at);
    if (this.following) this.cursor(pen, at(step, yaxis.range[0])[0], yaxis);
    for (const curve of this.growing) this.grow(pen, curve, step, at);
    for (const path of this.paths) this.trail(pen, path, step, at);
    const frame = { left: xaxis._offset, top: yaxis._offset, width: xaxis._length, height: yaxis._length };
    drawCallOuts(pen, this, step, at, frame);
    if (this.aim) this.target(pen, ...at(...this.aim));
    pen.restore();
  }

  // The surface hides the lines of a scene, so Plotly draws them. The texts are drawn whenever the camera moves.
  drawSolid(step) {
    const scene = sceneOf(this.plot);
    const strength = (trace) => (trace.meta.ghost ? Number(this.group?.ghosts ?? true) : this.strength(trace.name));
    shorten(scene, this.solid, step, strength);
    scene.glplot.onrender = () => {
      scene.render();
      const pen = this.clean();
      const { l: left, t: top, w: width, h: height } = this.plot._fullLayout._size;
      const frame = { left, top, width, height };
      const at = onScreen(scene, frame);
      pen.save();
      pen.beginPath();
      pen.rect(left, top, width, height);
      pen.clip();
      drawCallOuts(pen, this, step, at, frame);
      pen.restore();
    };
    scene.glplot.redraw();
  }

  // The empty canvas, as large as the plot.
  clean() {
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
    return pen;
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

  // How strongly a trace is drawn: less if another one is pointed at.
  strength(name) {
    return this.group?.glow && this.group.glow !== name ? 0.2 : 1;
  }

  // The line through the points of a trace up to the fractional index `last`. Points without a place leave a gap.
  line(pen, trace, last, at) {
    const whole = Math.floor(last);
    pen.beginPath();
    let drawn = false;
    for (let index = 0; index <= whole + 1; index++) {
      const share = index <= whole ? 0 : last - whole;
      const from = Math.min(index, whole);
      if (index > whole && !(share && from + 1 < trace.y.length)) break;
      const value = (values) => values[from] + (share ? share * (values[from + 1] - values[from]) : 0);
      const [x, y] = at(trace.x ? value(trace.x) : from + share, value(trace.y));
      const held = Number.isFinite(x) && Number.isFinite(y) && Math.max(Math.abs(x), Math.abs(y)) < FAR;
      if (held && drawn) pen.lineTo(x, y);
      else if (held) pen.moveTo(x, y);
      drawn = held;
    }
    pen.stroke();
  }

  ghost(pen, trace, at) {
    pen.strokeStyle = this.theme.text;
    pen.globalAlpha = 0.28;
    pen.lineWidth = 1.5;
    pen.setLineDash(DASHES[trace.line.dash] ?? []);
    this.line(pen, trace, trace.y.length - 1, at);
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }

  grow(pen, curve, step, at) {
    const last = Math.min(curve.x ? reached(curve.x, step) : step, curve.y.length - 1);
    pen.strokeStyle = curve.line.color;
    pen.globalAlpha = this.strength(curve.name);
    pen.lineWidth = curve.line.width;
    pen.setLineDash(DASHES[curve.line.dash] ?? []);
    this.line(pen, curve, last, at);
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }

  trail(pen, path, step, at) {
    const last = this.along ? reached(path.x, step) : Math.min(step, path.x.length - 1);
    const whole = Math.floor(last);
    pen.lineJoin = "round";
    pen.setLineDash(DASHES[path.line.dash] ?? []);
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
    // An outline in the background's colour keeps every optimizer's colour legible on the relief.
    for (const [colour, width] of [
      [this.theme.background, 3],
      [path.line.color, 0.6],
    ]) {
      pen.strokeStyle = colour;
      pen.globalAlpha = this.strength(path.name);
      pen.lineWidth = path.line.width + width;
      pen.stroke();
    }
    pen.globalAlpha = this.strength(path.name);
    pen.setLineDash([]);
    const waits = this.node.classList.contains("lab-waits"); // the first step would give away where the path goes
    if (!waits && this.node.querySelector(".lab-arrows input").checked) this.arrows(pen, path, whole, x, y);
    pen.beginPath();
    pen.arc(x, y, 6, 0, 2 * Math.PI);
    pen.fillStyle = path.line.color;
    pen.fill();
    pen.lineWidth = 2;
    pen.strokeStyle = this.theme.background;
    pen.stroke();
    if (path.meta.tag) this.tag(pen, path.meta.tag, x + 9, y - 9);
    pen.globalAlpha = 1;
  }

  // Where the arrow keys have moved the mark that the visitor is about to set.
  target(pen, x, y) {
    for (const [colour, width] of [
      [this.theme.background, 5],
      [this.theme.text, 2],
    ]) {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.beginPath();
      pen.arc(x, y, 9, 0, 2 * Math.PI);
      for (const [right, down] of [
        [1, 0],
        [0, 1],
      ]) {
        pen.moveTo(x - 14 * right, y - 14 * down);
        pen.lineTo(x + 14 * right, y + 14 * down);
      }
      pen.stroke();
    }
  }

  // Two paths of one optimizer share a colour: the tag tells them apart.
  tag(pen, text, x, y) {
    pen.font = `${12 * this.scale}px ${this.theme.font}`;
    pen.lineWidth = 3;
    pen.strokeStyle = this.theme.background;
    pen.strokeText(text, x, y);
    pen.fillStyle = this.theme.text;
    pen.fillText(text, x, y);
  }

  // The arrows of `meta.arrows` at the point `index` of a path, in its colour. A zero vector draws nothing.
  arrows(pen, path, index, x, y) {
    for (const { column, dash } of path.meta.arrows ?? []) {
      const [right, up] = [path.customdata[index][column], path.customdata[index][column + 1]];
      const { xaxis, yaxis } = this.plot._fullLayout;
      const [dx, dy] = [right * xaxis._m, up * yaxis._m];
      const length = Math.hypot(dx, dy);
      if (!(Math.hypot(right, up) > FAINT * this.longest.get(path)[column]) || !Number.isFinite(length)) continue;
      const [tipX, tipY] = [x + (dx / length) * ARROW, y + (dy / length) * ARROW];
      const angle = Math.atan2(dy, dx);
      const [shaft, head] = [new Path2D(), new Path2D()];
      shaft.moveTo(x, y);
      shaft.lineTo(tipX, tipY);
      for (const turn of [-0.5, 0.5]) {
        head.moveTo(tipX, tipY);
        head.lineTo(tipX - 8 * Math.cos(angle + turn), tipY - 8 * Math.sin(angle + turn));
      }
      for (const [colour, width, strokes] of [
        [this.theme.background, 5, []],
        [path.line.color, 2, dash],
      ]) {
        pen.strokeStyle = colour;
        pen.lineWidth = width;
        pen.setLineDash(strokes);
        pen.stroke(shaft);
        pen.setLineDash([]);
        pen.stroke(head);
      }
    }
  }
}
