// Curves that change with the page's player, or with what the pointer is at in the player's chart. A trace's `meta.rows`
// holds its values at each place of `meta.at`, row after row; `layout.meta.titles`, {at, texts}, what the x axis is called.

const POINT_EVENT = "lab-point"; // detail: the place under the pointer, null once it has left

class Rows {
  constructor(plot, plotly) {
    this.plot = plot;
    this.plotly = plotly;
    this.follow = ({ detail }) => this.pointed === undefined && this.draw(detail);
    this.point = ({ detail }) => {
      this.pointed = detail ?? undefined;
      this.draw(this.pointed ?? window.labStep);
    };
    window.addEventListener(STEP_EVENT, this.follow);
    window.addEventListener(POINT_EVENT, this.point);
  }

  load(titles) {
    this.titles = titles && { ...titles, at: numbers(titles.at) };
    this.moving = this.plot.data.flatMap(({ meta }, index) =>
      meta?.rows ? [{ index, at: numbers(meta.at), values: numbers(meta.rows) }] : [],
    );
    this.shown = undefined;
    this.draw(this.pointed ?? window.labStep ?? 0);
  }

  draw(place) {
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

  stop() {
    window.removeEventListener(STEP_EVENT, this.follow);
    window.removeEventListener(POINT_EVENT, this.point);
  }
}

// The last row that begins at `place` or before it; the first, where none does.
function reachedRow(at, place) {
  return Math.max(0, at.findLastIndex((own) => own <= place));
}

// What a figure's JSON holds numbers in: a list, or base64 of their bytes.
function numbers(coded) {
  if (Array.isArray(coded)) return coded;
  const bytes = Uint8Array.from(atob(coded.bdata), (character) => character.charCodeAt(0));
  const kinds = { f4: Float32Array, f8: Float64Array, i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array,
                  i4: Int32Array, u4: Uint32Array };
  return new kinds[coded.dtype](bytes.buffer);
}

function pointAt(place) {
  window.dispatchEvent(new CustomEvent(POINT_EVENT, { detail: place }));
}
