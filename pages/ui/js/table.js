// The one table of all pages. Rows are lists of cells {text, by, detail}. A click on a column's head sorts by `by`, a
// second click reverses the order, and a third click restores the given order. Absent values (`by` is null) stay last.

const DIRECTIONS = [undefined, "ascending", "descending"];

function element(tag, text, more = {}) {
  return Object.assign(document.createElement(tag), { textContent: text }, more);
}

export function inOrder(rows, sorted) {
  const direction = DIRECTIONS[sorted.turn];
  if (!direction || sorted.column >= (rows[0]?.cells.length ?? 0)) return rows;
  const sign = direction === "ascending" ? 1 : -1;
  const key = (row) => row.cells[sorted.column].by;
  return [...rows].sort((one, other) => {
    const [a, b] = [key(one), key(other)];
    if (a === null || b === null) return (a === null) - (b === null);
    return sign * (a < b ? -1 : Number(a > b));
  });
}

function head({ title, about, number }, column, sorted, again) {
  const cell = element("th", "", { scope: "col", className: number ? "number" : "", title: about });
  const direction = sorted.column === column && DIRECTIONS[sorted.turn];
  if (direction) cell.setAttribute("aria-sort", direction);
  const button = element("button", title, { type: "button" });
  button.addEventListener("click", () => {
    const turn = sorted.column === column ? (sorted.turn + 1) % DIRECTIONS.length : 1;
    again({ column, turn });
  });
  cell.append(button);
  return cell;
}

function line({ cells, colour }, heads) {
  const row = element("tr", "");
  row.append(
    ...cells.map(({ text, detail }, column) => {
      const cell = column
        ? element("td", text, { className: heads[column].number ? "number" : "" })
        : element("th", "", { scope: "row" });
      if (!column) cell.append(element("span", text, { className: colour ? "lab-called" : "" }));
      if (!column && colour) cell.prepend(Object.assign(element("i", ""), { style: `background: ${colour}` }));
      if (detail) cell.append(element("small", detail));
      return cell;
    }),
  );
  return row;
}

function draw(region, data) {
  const sorted = region.labSorted ?? { column: 0, turn: 0 };
  const again = (next) => {
    region.labSorted = next;
    draw(region, data);
    region.querySelectorAll("thead button")[next.column].focus();
  };
  const rows = data.rows.map((cells, index) => ({ cells, colour: data.colours[index] }));
  const heads = element("tr", "");
  heads.append(...data.heads.map((each, column) => head(each, column, sorted, again)));
  const [top, body] = [element("thead", ""), element("tbody", "")];
  top.append(heads);
  body.append(...inOrder(rows, sorted).map((row) => line(row, data.heads)));
  region.setAttribute("aria-label", data.alt);
  region.querySelector("table").replaceChildren(top, body);
}

export default function ({ data, parentElement }) {
  const region = parentElement.querySelector(".lab-table");
  const shown = JSON.stringify(data);
  if (shown === region.labShown) return; // unchanged: keep the selection and the focus
  region.labShown = shown;
  const focused = [...region.querySelectorAll("thead button")].indexOf(document.activeElement);
  draw(region, data);
  region.querySelectorAll("thead button")[focused]?.focus();
}
