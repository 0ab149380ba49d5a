// Curves, and titles of the x axis, that change with the step of the chart's group.

export class Rows {
  constructor(plot, plotly) {
    this.plot = plot;
    this.plotly = plotly;
  }

  load(titles) {
    this.titles = titles && { ...titles, at: numbers(titles.at) };
    this.moving = this.plot.data.flatMap(({ meta }, index) =>
      meta?.rows ? [{ index, at: numbers(meta.at), values: numbers(meta.rows) }] : [],
    );
    this.shown = undefined;
  }

  draw(place = 0) {
    if (!this.moving?.length) return;
    const rows = this.moving.map(({ at }) => reachedRow(at, place));
    const title = this.titles?.texts[reachedRow(this.titles.at, place)];
    const shown = JSON.stringify([rows, title]);
    if (shown === this.shown) return;
    this.shown = shown;
    const y = this.moving.map(({ at, values }, number) => {
      const points = values.length / at.length;
      return values.slice(rows[number] * points, (rows[number] + 1) * points);
    });
    const indices = this.moving.map(({ index }) => index);
    this.plotly.update(this.plot, { y }, title ? { "xaxis.title.text": title } : {}, indices);
  }
}

// The last row that begins at `place` or before it. If there is none, the first row.
export function reachedRow(at, place) {
  return Math.max(
    0,
    at.findLastIndex((own) => own <= place),
  );
}

const KINDS = {
  f4: Float32Array,
  f8: Float64Array,
  i1: Int8Array,
  u1: Uint8Array,
  i2: Int16Array,
  u2: Uint16Array,
  i4: Int32Array,
  u4: Uint32Array,
};

// The numbers of an array in a figure's JSON. The array is a list, or {bdata, dtype} with its bytes in base64.
export function numbers(coded) {
  if (Array.isArray(coded)) return coded;
  const bytes = Uint8Array.from(atob(coded.bdata), (character) => character.charCodeAt(0));
  return new KINDS[coded.dtype](bytes.buffer);
}
