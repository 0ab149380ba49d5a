// The one chart of all pages. Plotly.react keeps zoom, camera and node when the figure changes. Clicks are reported in
// data coordinates. A player animates paths in the browser. engine/figures/meta.py explains which entries of the `meta`
// of a figure's layout and traces are read here.

import { join } from "./group.js";
import { Hand } from "./hand.js";
import { Overlay } from "./overlay.js";
import { Player } from "./player.js";
import { Rows } from "./rows.js";
import { cased, ghosted } from "./solid.js";
import { scaled, themed, themeOf } from "./theme.js";

function loadPlotly(url) {
  window.labPlotly ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve(window.Plotly);
    // The page's head requests the script too, unless the app did not know the first address or the network failed.
    const begun = document.getElementById("lab-plotly");
    const script = begun ?? document.createElement("script");
    script.addEventListener("load", () => resolve(window.Plotly));
    script.addEventListener("error", () => {
      window.labPlotly = undefined;
      reject(new Error("The drawing library could not be loaded. Reload the page to try again."));
    });
    if (!begun) document.head.append(Object.assign(script, { src: url }));
  });
  return window.labPlotly;
}

const AXES = ["xaxis", "yaxis"];

const isPath = (trace) => Boolean(trace.meta?.path);
const isCurve = (trace) => Boolean(trace.meta?.follow) && trace.type === "scatter";

class Chart {
  constructor(node, plotly) {
    this.node = node;
    this.plotly = plotly;
    this.zoomed = new Set(); // axes that the visitor has zoomed
    this.plot = node.querySelector(".lab-plot");
    this.overlay = new Overlay(node, this.plot);
    this.player = new Player(node, this);
    this.rows = new Rows(this.plot, plotly);
    this.follow = () => this.followGroup();
  }

  async show(data) {
    const theme = themeOf(this.node);
    const changed = data.figure !== this.source;
    const frame = JSON.stringify([theme, data.height, data.waits, data.asks, data.marking, data.scale]);
    this.picks = data.pick && (data.marking || !data.waits);
    this.marking = data.marking;
    if (!data.marking && this.overlay.aim) this.overlay.aim = this.hand.steered = undefined; // the question was skipped
    this.node.classList.toggle("lab-picks", this.picks);
    // While a page polls, most of its charts do not change.
    if (this.bound && !changed && frame === this.frame) return this.hand.drag.held || this.hand.drag.back();
    this.source = data.figure;
    this.frame = frame;
    this.figure = scaled(themed(JSON.parse(data.figure), theme), data.scale);
    this.keepZoom(this.figure.layout);
    const before = this.meta;
    this.meta = this.figure.layout.meta ?? {};
    this.waits = data.waits;
    this.node.classList.toggle("lab-waits", data.waits);
    this.node.classList.toggle("lab-plays", Boolean(this.meta.player) && this.figure.data.some(isPath));
    this.overlay.scale = data.scale;
    const same = this.bound && this.plot.layout.uirevision === this.figure.layout.uirevision;
    if (this.bound && !(same && before.run === this.meta.run)) this.overlay.remember(same && !data.waits);
    const { start } = this.meta;
    this.plot.tabIndex = this.picks && start ? 0 : -1;
    this.group = join(this.meta.player?.group ?? this.meta.group, this.follow, this.group);
    this.node.style.setProperty("--lab-height", `${data.height}px`);
    this.plot.setAttribute("role", "figure"); // not "img": that role would hide the tool bar inside
    const waiting = data.marking
      ? "Move your mark by the arrow keys, and press Enter."
      : "The picture waits for your answer.";
    this.plot.setAttribute("aria-label", data.waits ? waiting : this.meta.alt);
    if (!this.bound) await new Promise((resolve) => setTimeout(resolve)); // let the browser first show the chart above
    // Made once: for new functions, Plotly makes a new plot and drops the zoom.
    this.settings ??= this.config(Boolean(this.figure.layout.scene));
    await this.plotly.react(this.plot, this.traces(theme), this.figure.layout, this.settings);
    if (!this.bound) this.bind();
    const { t, r } = this.plot._fullLayout._size;
    this.node.style.setProperty("--lab-tools", `${t}px ${r}px auto auto`);
    const { player, titles } = this.meta; // read now: a newer figure may have come during drawing
    this.overlay.load(theme, player?.along, this.group.step);
    this.rows.load(titles);
    this.rows.draw(this.group.shown);
    this.node.querySelector(".lab-player").hidden = !player;
    this.node.querySelector(".lab-before").hidden = !this.overlay.ghosts.length;
    if (player) this.player.load(player, this.meta.run, data);
    else this.overlay.draw(this.overlay.step, this.group);
    if (!this.node.dataset.drawn) performance.mark("lab-drawn");
    this.node.dataset.drawn = Number(this.node.dataset.drawn ?? 0) + 1;
  }

  followGroup() {
    if (!this.overlay.theme) return; // not drawn yet
    const step = this.overlay.following ? this.group.step : undefined;
    const look = [step, this.group.ghosts, this.group.glow, this.group.peeked].join();
    if (look !== this.looked) this.overlay.draw(step, this.group);
    this.looked = look;
    this.rows.draw(this.group.shown);
  }

  // Plotly keeps a zoom under the same `uirevision`, but loses it if the figure's own range has changed.
  keepZoom(layout) {
    const before = this.plot.layout;
    if (!before || layout.uirevision === undefined || layout.uirevision !== before.uirevision) this.zoomed.clear();
    for (const axis of this.zoomed) layout[axis] = { ...layout[axis], range: before[axis].range };
    // On a touch screen, a finger that moves over a 2-D chart scrolls the page, and one that picks leaves no text there.
    if (layout.scene || !matchMedia("(hover: none)").matches) return;
    layout.dragmode = false;
    if (this.picks) layout.hovermode = false;
  }

  // The overlay draws paths and curves in full colour as far as the player has come. Behind them, the whole lines stay
  // faintly visible, but not while a question about them is open. The legend keeps full colour.
  traces(theme) {
    const { scene } = this.figure.layout;
    if (scene) {
      const ghosts = this.overlay.ghosts.map((path) => ghosted(path, theme));
      const cover = (trace) => (isPath(trace) ? cased(trace, theme, scene) : [trace]);
      return [...this.figure.data.flatMap(cover), ...ghosts];
    }
    const faint = this.waits ? { opacity: 0, hoverinfo: "skip", hovertemplate: undefined } : { opacity: 0.25 };
    return this.figure.data.flatMap((trace) => {
      if (isCurve(trace)) return [{ ...trace, ...faint }];
      if (!this.meta.player || !isPath(trace)) return [trace];
      const group = { legendgroup: trace.name };
      const key = { type: trace.type, mode: trace.mode, name: trace.name, line: trace.line, x: [null], y: [null] };
      return [
        { ...trace, ...group, ...faint, showlegend: false },
        { ...key, ...group, hoverinfo: "skip" },
      ];
    });
  }

  config(responsive) {
    const save = (format, icon) => ({
      name: `save-${format}`,
      title: `Save the picture as ${format.toUpperCase()}`,
      icon,
      click: () => this.save(format),
    });
    const icons = this.plotly.Icons;
    const touch = matchMedia("(hover: none)").matches; // on a touch screen the tool bar would stay and cover the plot
    return {
      responsive, // a scene resizes by itself; otherwise the chart observes its size
      displaylogo: false,
      showSendToCloud: false,
      scrollZoom: false,
      doubleClick: "reset", // does nothing without a zoom
      displayModeBar: touch ? false : "hover",
      modeBarButtonsToRemove: ["toImage", "select2d", "lasso2d", "autoScale2d"],
      modeBarButtonsToAdd: [save("png", icons.camera), save("svg", icons.disk)],
    };
  }

  save(format) {
    const { width, height } = this.plot.getBoundingClientRect();
    const layout = { ...this.figure.layout, showlegend: true, paper_bgcolor: themeOf(this.node).background };
    const shown = this.plot.layout;
    const off = new Set(this.plot._fullData.filter((trace) => trace.visible === "legendonly").map(({ name }) => name));
    const data = this.figure.data.map((trace) => (off.has(trace.name) ? { ...trace, visible: "legendonly" } : trace));
    for (const axis of AXES) if (shown[axis]) layout[axis] = { ...layout[axis], range: shown[axis].range };
    if (shown.scene) layout.scene = { ...layout.scene, camera: shown.scene.camera };
    const name = this.meta.name ?? "gradient-lab";
    this.plotly.downloadImage({ data, layout }, { format, width, height, scale: 2, filename: name });
  }

  bind() {
    this.bound = true;
    // Plotly resizes a plot only when the window changes, but the sidebar changes the width of a column too.
    this.sized = new ResizeObserver(() => {
      const { width, height } = this.plot._fullLayout;
      const { clientWidth, clientHeight } = this.plot;
      const changed = Math.max(Math.abs(clientWidth - width), Math.abs(clientHeight - height)) >= 1;
      if (clientWidth && changed) this.resize();
    });
    this.sized.observe(this.plot);
    // In the chart with the player, the pointer sets the place that the curves of the group show.
    this.plot.on("plotly_hover", ({ points }) => this.meta.player && this.group.point(this.placeOf(points)));
    this.plot.on("plotly_unhover", () => this.meta.player && this.group.point(undefined));
    this.hand = new Hand(this);
    for (const name of ["plotly_afterplot", "plotly_relayouting"]) {
      this.plot.on(name, () => this.overlay.theme && !this.overlay.solid.length && this.overlay.draw());
    }
    // The legend may have hidden a path. When Plotly plots a scene again, it draws whole lines: shorten them again.
    for (const name of ["plotly_restyle", "plotly_relayout"]) {
      this.plot.on(name, () => {
        if (!this.overlay.theme) return;
        this.overlay.load(this.overlay.theme, this.overlay.along, this.group.step);
        this.overlay.draw();
      });
    }
    this.plot.on("plotly_relayout", (change) => {
      for (const axis of AXES) {
        if (`${axis}.range[0]` in change) this.zoomed.add(axis);
        if (`${axis}.range` in change || `${axis}.autorange` in change) this.zoomed.delete(axis);
      }
    });
  }

  // For axes of equal scale, Plotly widens a range until it fills the plot. At each resize it would widen the widened
  // range again, so first restore the range of the figure.
  async resize() {
    const change = { autosize: true };
    for (const axis of AXES) {
      const range = this.figure.layout[axis]?.range;
      if (range && !this.zoomed.has(axis)) change[`${axis}.range`] = [...range];
    }
    await this.plotly.relayout(this.plot, change);
    if (this.plot.querySelector(".legend")) this.plotly.redraw(this.plot); // its place depends on its height before
  }

  // The player's step at the points under the pointer. It is undefined if none of the points is on a path.
  placeOf(points) {
    if (this.meta.player.along) return points[0].x;
    return points.find((point) => point.data.meta?.path)?.pointNumber;
  }

  stop() {
    this.player.leave();
    this.hand?.stop();
    this.sized?.disconnect();
    if (this.meta?.player) this.group.point(undefined);
    this.group?.followers.delete(this.follow);
    this.plotly.purge(this.plot);
  }
}

export default async function ({ data, parentElement, setTriggerValue }) {
  const node = parentElement.querySelector(".lab-chart");
  const problem = node.querySelector(".lab-error");
  try {
    const plotly = await loadPlotly(data.plotly);
    node.labChart ??= new Chart(node, plotly);
    // Each run of the page passes a new `setTriggerValue`, bound to the fragment of that run.
    node.labChart.picked = (point) => setTriggerValue("picked", point);
    await node.labChart.show(data);
    problem.textContent = "";
  } catch (error) {
    // The error is not thrown: Streamlit would replace the chart by a stack trace permanently.
    console.error(error);
    problem.textContent = error.message;
    if (node.labChart) node.labChart.source = undefined;
  }
  // Streamlit also calls this if newer data arrive during drawing. Then the node is still connected: keep the chart.
  return () => node.isConnected || node.labChart?.stop();
}
