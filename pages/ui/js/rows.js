// Curves that change with the page's player, or with what the pointer is at in the player's chart. A trace's `meta.rows`
// holds its values at each place, row after row, and `layout.meta.rows` where the rows begin: {at, titles}.

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

  load(rows) {
    this.rows = rows && { ...rows, at: numbers(rows.at) };
    this.shown = undefined;
    if (!rows) return;
    this.values = this.plot.data.map(({ meta }) => meta?.rows && numbers(meta.rows));
    this.draw(this.pointed ?? window.labStep ?? 0);
  }

  draw(place) {
    if (!this.rows) return;
    const { at, titles } = this.rows;
    const row = Math.max(0, at.findLastIndex((own) => own <= place));
    if (row === this.shown) return;
    this.shown = row;
    const moving = this.values.flatMap((values, index) => (values ? [index] : []));
    const y = moving.map((index) => {
      const points = this.values[index].length / at.length;
      return this.values[index].slice(row * points, (row + 1) * points);
    });
    this.plotly.update(this.plot, { y }, { "xaxis.title.text": titles[row] }, moving);
  }

  stop() {
    window.removeEventListener(STEP_EVENT, this.follow);
    window.removeEventListener(POINT_EVENT, this.point);
  }
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
