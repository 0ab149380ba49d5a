// Figures have no colours for text, grid and background. The page's theme adds them, so one figure fits light and dark.

export function themeOf(element) {
  const style = getComputedStyle(element);
  const read = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  const background = read("--st-background-color", "#ffffff");
  return {
    background,
    text: read("--st-text-color", "#31333f"),
    font: read("--st-font", "sans-serif"),
    dark: luminance(background) < 0.5,
  };
}

// The brightness of a colour, from 0 for black to 1 for white. colour: #rrggbb, or rgb(...).
export function luminance(colour) {
  const hex = colour.replace("#", "");
  const [r, g, b] = colour.startsWith("#")
    ? [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16))
    : colour.match(/[\d.]+/g).map(Number);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}

const IN_SCENES = 0.75;

// The figure with all texts and margins `factor` times as large, for a screen that is seen from far away. Texts on
// the axes of a scene grow less, because they would cover one another.
export function scaled(figure, factor = 1) {
  if (factor === 1) return figure;
  const grown = (value, key, by = factor) => {
    if (key === "size" || key === "standoff") return value * by;
    if (key === "margin") return Object.fromEntries(Object.entries(value).map(([side, room]) => [side, room * by]));
    if (value?.constructor !== Object) return value;
    const inside = key === "scene" ? IN_SCENES * by : by;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, grown(part, name, inside)]));
  };
  const { meta, ...layout } = figure.layout;
  const data = figure.data.map((trace) => {
    const bar = trace.colorbar ? { colorbar: grown(trace.colorbar, "colorbar") } : {};
    const size = trace.textfont ? { textfont: grown(trace.textfont, "textfont") } : {};
    return { ...trace, ...bar, ...size };
  });
  return { data, layout: { ...grown(layout, "layout"), meta } };
}

// The figure in the colours of `theme`, a result of `themeOf`.
export function themed(figure, theme) {
  const grid = theme.dark ? "rgba(255,255,255,0.14)" : "rgba(0,0,0,0.10)";
  const axis = { gridcolor: grid, zerolinecolor: grid, linecolor: grid, tickcolor: grid };
  const layout = { ...figure.layout, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)" };
  layout.font = { ...layout.font, color: theme.text, family: theme.font };
  layout.hoverlabel = {
    bgcolor: theme.background,
    bordercolor: grid,
    font: { color: theme.text, family: theme.font, size: 13 },
  };
  layout.modebar = { orientation: "v", bgcolor: "rgba(0,0,0,0)", color: theme.text, activecolor: theme.text };
  for (const name of Object.keys(layout)) {
    if (/^[xy]axis\d*$/.test(name)) layout[name] = { ...axis, ...layout[name] };
    if (/^scene\d*$/.test(name)) {
      layout[name] = { ...layout[name], bgcolor: "rgba(0,0,0,0)" };
      for (const side of ["xaxis", "yaxis", "zaxis"]) {
        layout[name][side] = { ...axis, backgroundcolor: "rgba(0,0,0,0)", ...layout[name][side] };
      }
    }
  }
  const scheme = theme.dark ? "dark" : "light";
  const data = figure.data.map((trace) => {
    const { colorscale, marker } = trace.meta ?? {};
    if (colorscale) return { ...trace, colorscale: colorscale[scheme] };
    if (!marker) return trace;
    const line = { ...trace.marker.line, color: marker[scheme] };
    const textfont = { ...trace.textfont, color: marker[scheme] };
    return { ...trace, textfont, marker: { ...trace.marker, color: marker[scheme], line } };
  });
  return { data, layout };
}
