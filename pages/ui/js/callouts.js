// Short texts beside a path, at the points where something happens: "bounces across", "arrives, step 63".

// Draw what happens on each path, in words, from the step at which it happens. A text that would cover another one moves.
// frame: the box that the texts must not leave.
export function drawCallOuts(pen, { paths, group, theme, scale }, step, at, frame) {
  const taken = [];
  pen.font = `${12 * scale}px ${theme.font}`;
  pen.lineJoin = "round";
  for (const path of paths) {
    for (const { step: when, text } of path.meta.moments ?? []) {
      if (when > step || (group?.glow && group.glow !== path.name)) continue;
      const [x, y] = at(path.x[when], path.y[when], path.z?.[when]);
      const place = freePlace(x, y, pen.measureText(text).width, 15 * scale, taken, frame);
      if (!place) continue;
      taken.push(place);
      pen.strokeStyle = pen.fillStyle = path.line.color;
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.moveTo(x, y);
      pen.lineTo(Math.min(Math.max(x, place.left), place.left + place.width), place.top + place.height / 2);
      pen.stroke();
      pen.beginPath();
      pen.arc(x, y, 3, 0, 2 * Math.PI);
      pen.fill();
      pen.lineWidth = 4;
      pen.strokeStyle = theme.background;
      pen.strokeText(text, place.left, place.top + 0.8 * place.height);
      pen.fillStyle = theme.text;
      pen.fillText(text, place.left, place.top + 0.8 * place.height);
    }
  }
}

// Where a text of this size stands beside the point (x, y): a box that lies in `frame` and covers none of `taken`. The
// nearest of sixteen places is taken; undefined if none is free. A box has left, top, width and height.
export function freePlace(x, y, width, height, taken, frame) {
  for (const away of [14, 34]) {
    for (const [right, down] of [
      [1, -1],
      [1, 1],
      [-1, -1],
      [-1, 1],
      [0, -1.4],
      [0, 1.4],
      [1, 0],
      [-1, 0],
    ]) {
      const left = x + right * away - (right < 0 ? width : right ? 0 : width / 2);
      const box = { left, top: y + down * away - height / 2, width, height };
      const clear = taken.every((other) => apart(box, other));
      if (clear && inside(box, frame)) return box;
    }
  }
  return undefined;
}

function apart(one, other) {
  return (
    one.left + one.width < other.left ||
    other.left + other.width < one.left ||
    one.top + one.height < other.top ||
    other.top + other.height < one.top
  );
}

function inside(box, frame) {
  return (
    box.left >= frame.left &&
    box.top >= frame.top &&
    box.left + box.width <= frame.left + frame.width &&
    box.top + box.height <= frame.top + frame.height
  );
}
