// The one chart of all pages: Plotly.react keeps zoom, camera and node across changes; clicks come back in data
// coordinates; a player animates marked paths in the browser. Figures carry what this needs in `layout.meta`:
// {alt, name, player: {steps, arrows, run}}.

function loadPlotly(url) {
  window.labPlotly ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve(window.Plotly);
    // The page's head has asked for it already, unless the address was none of the lab's or the network failed.
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

class Chart {
  constructor(node, plotly) {
    this.node = node;
    this.plotly = plotly;
    this.zoomed = new Set(); // axes whose range is the visitor's
    this.plot = node.querySelector(".lab-plot");
    this.overlay = new Overlay(node, this.plot);
    this.player = new Player(node, this);
    this.rows = new Rows(this.plot, plotly);
    this.settings = this.config(); // one object: to Plotly a new function in it is a new plot, with zoom and camera lost
  }

  async show(data) {
    const theme = themeOf(this.node);
    const changed = data.figure !== this.source;
    const look = JSON.stringify([theme, data.height]);
    this.picks = data.pick;
    this.node.classList.toggle("lab-picks", this.picks);
    if (this.bound && !changed && look === this.look) return; // a page that polls shows most of its charts again as they are
    this.source = data.figure;
    this.look = look;
    this.figure = themed(JSON.parse(data.figure), theme);
    this.keepZoom(this.figure.layout);
    this.meta = this.figure.layout.meta ?? {};
    this.node.style.setProperty("--lab-height", `${data.height}px`);
    this.plot.setAttribute("role", "figure"); // no "img": that would hide the tool bar inside it
    this.plot.setAttribute("aria-label", this.meta.alt);
    if (!this.bound) await new Promise((resolve) => setTimeout(resolve)); // let the chart before it appear
    await this.plotly.react(this.plot, this.onScreen(), this.figure.layout, this.settings);
    if (!this.bound) this.bind();
    this.overlay.load(theme, this.meta.player?.along);
    this.rows.load(this.meta.titles);
    this.node.querySelector(".lab-player").hidden = !this.meta.player;
    if (this.meta.player && changed) {
      this.player.load({ ...this.meta.player, replay: this.meta.player.run !== this.run && this.awaited });
      this.awaited &&= this.meta.player.run === this.run;
      this.run = this.meta.player.run;
    } else {
      this.overlay.draw();
    }
    if (!this.node.dataset.drawn) performance.mark("lab-drawn");
    this.node.dataset.drawn = Number(this.node.dataset.drawn ?? 0) + 1;
  }

  // Plotly keeps a zoom under the same `uirevision`, but not where the figure's own range grew meanwhile.
  keepZoom(layout) {
    const before = this.plot.layout;
    if (!before || layout.uirevision === undefined || layout.uirevision !== before.uirevision) this.zoomed.clear();
    for (const axis of this.zoomed) layout[axis] = { ...layout[axis], range: before[axis].range };
    // A finger that moves over a plane chart scrolls the page.
    if (!layout.scene && matchMedia("(hover: none)").matches) layout.dragmode = false;
  }

  // While a player draws the bright paths, the whole ones stand faintly behind them; the legend keeps full colour.
  onScreen() {
    if (!this.meta.player) return this.figure.data;
    return this.figure.data.flatMap((trace) => {
      if (!trace.meta?.path || trace.type === "scatter3d") return [trace];
      const group = { legendgroup: trace.name };
      const key = { type: trace.type, mode: trace.mode, name: trace.name, line: trace.line, x: [null], y: [null] };
      return [{ ...trace, ...group, opacity: 0.25, showlegend: false }, { ...key, ...group, hoverinfo: "skip" }];
    });
  }

  config() {
    const save = (format, icon) => ({
      name: `save-${format}`,
      title: `Save the picture as ${format.toUpperCase()}`,
      icon,
      click: () => this.save(format),
    });
    const icons = this.plotly.Icons;
    return {
      responsive: true,
      displaylogo: false,
      showSendToCloud: false,
      scrollZoom: false,
      doubleClick: "reset", // and nothing where nothing is zoomed
      displayModeBar: matchMedia("(hover: none)").matches ? false : "hover", // under a finger it stays, over the plot
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
    // Plotly follows the window alone, but a column also changes with the sidebar. In 3-D it would end a turn that has
    // begun, and the scene follows its frame anyway.
    this.sized = new ResizeObserver(() => {
      const { scene, width } = this.plot._fullLayout;
      if (!scene && this.plot.clientWidth && this.plot.clientWidth !== width) this.plotly.Plots.resize(this.plot);
    });
    this.sized.observe(this.plot);
    // In 3-D Plotly alone knows what lies under the pointer, and it takes the beginning of a turn for a click.
    for (const name of ["plotly_hover", "plotly_click"]) this.plot.on(name, ({ points: [at] }) => (this.aim = at));
    this.plot.on("plotly_unhover", () => (this.aim = undefined));
    // The curves of other charts show what the pointer is at in the chart that has a player.
    this.plot.on("plotly_hover", ({ points }) => this.meta.player && pointAt(this.placeOf(points)));
    this.plot.on("plotly_unhover", () => this.meta.player && pointAt(undefined));
    const primary = (event) => event.isPrimary && event.button === 0;
    this.plot.addEventListener("pointerdown", (event) => (this.pressed = primary(event) ? event : undefined), true);
    window.addEventListener("pointerup", (this.released = (event) => this.press(event)), true);
    for (const name of ["plotly_afterplot", "plotly_relayouting"]) {
      this.plot.on(name, () => this.overlay.theme && !this.overlay.solid.length && this.overlay.draw());
    }
    // A path may have left by the legend; and whenever Plotly plots a scene again, its lines are whole.
    for (const name of ["plotly_restyle", "plotly_relayout"]) {
      this.plot.on(name, () => {
        if (!this.overlay.theme) return;
        this.overlay.load(this.overlay.theme, this.overlay.along);
        this.overlay.draw();
      });
    }
    // To Plotly the press that ends a zoom's drag may be the first of the two.
    this.plot.on("plotly_doubleclick", () => {
      this.forget();
      if (this.zoomed.size) this.returned = performance.now();
    });
    this.plot.on("plotly_relayout", (change) => {
      for (const axis of AXES) {
        if (`${axis}.range[0]` in change) this.zoomed.add(axis);
        if (`${axis}.range` in change || `${axis}.autorange` in change) this.zoomed.delete(axis);
      }
    });
  }

  // A press on the plot area that was no drag. Plotly's own click needs a hover first, which a tap does not have.
  press(event) {
    const from = this.pressed;
    this.pressed = undefined;
    if (!from || Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) > 4) return;
    if (from.target.closest(".gl-container")) return this.aim && this.pick(this.aim.x, this.aim.y);
    if (!from.target.classList.contains("nsewdrag")) return;
    const { xaxis, yaxis } = this.plot._fullLayout;
    const box = this.plot.getBoundingClientRect();
    const x = xaxis.p2d(event.clientX - box.left - xaxis._offset);
    const y = yaxis.p2d(event.clientY - box.top - yaxis._offset);
    if (performance.now() - this.returned < this.plot._context.doubleClickDelay) return;
    if (!this.zoomed.size) return this.pick(x, y);
    // The second press of two leads back out of the zoom: until there can be none, the first is no pick either.
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

  // Where on the player's way the points under the pointer lie; undefined where none does.
  placeOf(points) {
    if (this.meta.player.along) return points[0].x;
    return points.find((point) => point.data.meta?.path)?.pointNumber;
  }

  pick(x, y) {
    if (!this.picks) return;
    this.awaited = true;
    this.picked({ x, y });
  }

  stop() {
    this.player.pause();
    this.forget();
    this.sized?.disconnect();
    this.overlay.stop();
    this.rows.stop();
    window.removeEventListener("pointerup", this.released, true);
    this.plotly.purge(this.plot);
  }
}

export default async function ({ data, parentElement, setTriggerValue }) {
  const node = parentElement.querySelector(".lab-chart");
  const problem = node.querySelector(".lab-error");
  try {
    const plotly = await loadPlotly(data.plotly);
    node.labChart ??= new Chart(node, plotly);
    node.labChart.picked = (point) => setTriggerValue("picked", point); // the newest: each knows the fragment it is of
    await node.labChart.show(data);
    problem.textContent = "";
  } catch (error) {
    // Told here, not thrown: Streamlit would put a stack trace in the chart's place for good.
    console.error(error);
    problem.textContent = error.message;
    if (node.labChart) node.labChart.source = undefined;
  }
  // Streamlit also calls this for data that gave way to newer while it was drawn: the chart stays.
  return () => node.isConnected || node.labChart?.stop();
}
