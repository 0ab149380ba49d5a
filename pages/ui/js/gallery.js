// Rows of small gray pictures that follow the player of a group. A row's frames are bytes, one frame after another. At
// the player's step s, a row shows the last of its frames whose own step is at most s.

import { join } from "./group.js";
import { reachedRow } from "./rows.js";

const SIDE = 28;

// Plotly's dash patterns for the line width of the curves.
const DASHES = { dash: "8 4", dot: "3 3", dashdot: "8 3 2 3" };

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

class Gallery {
  constructor(node) {
    this.node = node;
    this.follow = () => this.draw();
  }

  async show(data) {
    const rows = [{ name: "Original", colour: "", steps: [0], captions: [""], frames: data.originals }, ...data.rows];
    this.newest = data;
    const frames = await Promise.all(rows.map((row) => unpack(row.frames)));
    if (this.newest !== data) return; // newer data came while the frames were unpacked
    this.group = join(data.group, this.follow, this.group);
    this.count = data.count;
    this.node.setAttribute("aria-label", data.alt);
    this.rows = rows.map((row, index) => ({
      ...row,
      frames: frames[index],
      drawn: undefined,
      ...this.line(index, row),
    }));
    while (this.node.children.length > rows.length) this.node.lastChild.remove();
    this.draw();
  }

  // The elements of a row. They are made once and kept, so that pictures change without a flicker.
  line(index, { name, colour, dash }) {
    let node = this.node.children[index];
    if (!node) {
      node = document.createElement("div");
      node.className = "lab-gallery-row";
      node.innerHTML = `<div class="lab-gallery-name"><svg aria-hidden="true"><path d="M0 4h28"/></svg>
        <span></span><small></small></div><canvas aria-hidden="true"></canvas>`;
      this.node.append(node);
    }
    const sample = node.querySelector("svg");
    sample.style.display = colour ? "" : "none";
    sample.setAttribute("stroke", colour);
    sample.setAttribute("stroke-dasharray", DASHES[dash] ?? "none");
    node.querySelector("span").textContent = name;
    return { canvas: node.querySelector("canvas"), caption: node.querySelector("small") };
  }

  draw() {
    for (const row of this.rows ?? []) {
      const frame = reachedRow(row.steps, this.group.drawn ?? Infinity);
      if (frame === row.drawn) continue;
      row.drawn = frame;
      row.caption.textContent = row.captions[frame] ?? "";
      const { canvas, frames } = row;
      canvas.width = this.count * SIDE;
      canvas.height = SIDE;
      const pen = canvas.getContext("2d");
      const image = pen.createImageData(canvas.width, SIDE);
      const from = frame * this.count * SIDE * SIDE;
      for (let picture = 0; picture < this.count; picture++) {
        for (let y = 0; y < SIDE; y++) {
          for (let x = 0; x < SIDE; x++) {
            const gray = frames[from + (picture * SIDE + y) * SIDE + x];
            image.data.set([gray, gray, gray, 255], 4 * (y * canvas.width + picture * SIDE + x));
          }
        }
      }
      pen.putImageData(image, 0, 0);
    }
  }

  stop() {
    this.group?.followers.delete(this.follow);
  }
}

export default async function ({ data, parentElement }) {
  const node = parentElement.querySelector(".lab-gallery");
  node.labGallery ??= new Gallery(node);
  await node.labGallery.show(data);
  return () => node.isConnected || node.labGallery?.stop(); // see chart.js
}
