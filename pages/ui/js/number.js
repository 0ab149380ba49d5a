// A box into which a number is typed. It sends what was typed as text, and Python reads it. The buttons and the arrow keys
// send how many steps were made.

const WAIT = 120; // milliseconds in which further steps are sent together

// Adds up steps, and calls `send` with their sum when no step has followed for `WAIT` milliseconds.
export function collector(send, wait = WAIT) {
  let [sum, timer] = [0];
  return (step) => {
    sum += step;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const all = sum;
      sum = 0;
      if (all) send(all);
    }, wait);
  };
}

class NumberBox {
  constructor(node) {
    this.input = node.querySelector("input");
    this.move = collector((steps) => this.send("moved", steps));
    this.input.addEventListener("blur", () => this.commit());
    this.input.addEventListener("keydown", (event) => this.press(event));
    node.querySelector(".lab-less").addEventListener("click", () => this.move(-1));
    node.querySelector(".lab-more").addEventListener("click", () => this.move(1));
  }

  press(event) {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (step) this.move(step);
    else if (event.key === "Enter") this.commit();
    else if (event.key === "Escape") this.input.value = this.shown;
    else return;
    event.preventDefault();
  }

  // Send what was typed. An emptied box shows its number again.
  commit() {
    const typed = this.input.value.trim();
    if (!typed) this.input.value = this.shown;
    else if (typed !== this.sent && typed !== this.shown) {
      this.sent = typed;
      this.send("typed", typed);
    }
  }

  // Show a new text, but leave alone what the visitor is typing.
  show(text) {
    if (text === this.shown && this.sent === undefined) return;
    this.shown = text;
    this.sent = undefined;
    this.input.value = text;
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const node = parentElement.querySelector(".lab-number");
  node.labBox ??= new NumberBox(node);
  node.labBox.send = setTriggerValue;
  node.labBox.show(data.text);
  node.classList.toggle("bare", data.hidden);
  node.querySelector(".lab-name").textContent = data.label;
  const about = node.querySelector(".lab-about");
  about.hidden = !data.about;
  about.setAttribute("aria-label", data.about);
  node.labBox.input.setAttribute("aria-label", data.label);
  node.querySelector(".lab-less").setAttribute("aria-label", `Less: ${data.label}`);
  node.querySelector(".lab-more").setAttribute("aria-label", `More: ${data.label}`);
}
