// Paths in a 3-D scene: their outlines, their ghosts, how they are shortened, and where a point is on the screen.

import { between } from "./paths.js";
import { numbers } from "./rows.js";

const BELOW = 0.004; // share of the height of the scene; an outline lies so far below its path

const BEYOND = 1e4; // lengths of the scene; WebGL would lose the whole picture over a line that ends farther away

// What Plotly draws for a path: an outline in the background's colour, which keeps the path legible on every slope, and
// the path above it. scene: the figure's layout of the scene.
export function cased(path, theme, { xaxis, yaxis, zaxis }) {
  const ranges = [xaxis, yaxis, zaxis].map(({ range }) => range);
  const [x, y, z] = near([path.x, path.y, path.z].map(numbers), ranges);
  const below = BELOW * (zaxis.range[1] - zaxis.range[0]);
  const line = { color: theme.background, width: path.line.width + 4 };
  const own = { ...path, x, y, z, legendgroup: path.name, meta: { ...path.meta, moves: true } };
  const outline = { ...bare(own), z: Array.from(z, (value) => value - below), line };
  return [{ ...outline, name: path.name, legendgroup: path.name, meta: { moves: true } }, own];
}

// The points of a path before the first one that is too far away to be drawn. ranges: those of the three axes.
export function near(path, ranges) {
  const far = path.map((values, axis) => {
    const [low, high] = ranges[axis];
    return values.findIndex((value) => Math.abs(value - low) > BEYOND * (high - low));
  });
  const end = Math.min(path[0].length, ...far.filter((index) => index > 0));
  return path.map((values) => values.slice(0, end));
}

// A path that stood here before the last change.
export function ghosted(path, theme) {
  const line = { color: theme.text, width: 3, dash: path.line.dash };
  return { ...bare(path), z: path.z, line, opacity: 0.4, meta: { moves: true, ghost: true } };
}

function bare({ type, x, y }) {
  return { type, mode: "lines", x, y, showlegend: false, hoverinfo: "skip" };
}

// Plotly's scene; undefined without WebGL.
export function sceneOf(plot) {
  const scene = plot._fullLayout.scene?._scene;
  return scene?.glplot ? scene : undefined;
}

// Show each trace up to `step`, and a ghost whole. strength: trace -> how strongly it is drawn, from 0 to 1.
export function shorten(scene, traces, step, strength) {
  for (const trace of traces) {
    const last = Math.min(trace.meta.ghost ? Infinity : step, trace.x.length - 1);
    const whole = Math.floor(last);
    const head = between(trace, last, whole);
    const cut = (values, axis) => [...values.slice(0, whole + 1), head[axis]];
    const opacity = trace.opacity * strength(trace);
    const shown = { x: cut(trace.x, 0), y: cut(trace.y, 1), z: cut(trace.z, 2), opacity };
    scene.traces[trace.uid]?.update({ ...trace, ...shown });
  }
}

// The function (x, y, z) -> [x, y] in pixels, as the scene's camera sees the point. frame: the box of the scene.
export function onScreen(scene, { left, top, width, height }) {
  const { model, view, projection } = scene.glplot.cameraParams;
  return (...place) => {
    let point = [...place.map((value, axis) => value * scene.dataScale[axis]), 1];
    for (const matrix of [model, view, projection]) {
      point = [0, 1, 2, 3].map((row) =>
        point.reduce((sum, value, column) => sum + matrix[4 * column + row] * value, 0),
      );
    }
    return [left + ((1 + point[0] / point[3]) * width) / 2, top + ((1 - point[1] / point[3]) * height) / 2];
  };
}
