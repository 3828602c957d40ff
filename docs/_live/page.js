// Cells that can be edited and run: every block of Python on a page that says so. One worker for each page.
(() => {
  const settings = window.numpybrainLive;
  if (!settings) return;
  const base = new URL(settings.base, document.baseURI);
  const absolute = (path) => new URL(path, base).href;
  const options = {
    runtime: absolute(settings.runtime),
    integrity: settings.integrity,
    archives: settings.archives.map(({ name, integrity }) => ({ url: absolute(name), integrity })),
  };
  let worker = null;
  let count = 0;
  const waiting = new Map();

  function python() {
    if (!worker) {
      worker = new Worker(URL.createObjectURL(new Blob([`importScripts(${JSON.stringify(absolute("worker.js"))})`])));
      worker.onmessage = ({ data }) => {
        waiting.get(data.id)(data);
        waiting.delete(data.id);
      };
    }
    return worker;
  }

  function run(code, values) {
    const id = (count += 1);
    return new Promise((done) => {
      waiting.set(id, done);
      python().postMessage({ id, code, values, settings: options });
    });
  }

  function source(block) {
    const text = block.querySelector("pre").textContent.replace(/\n$/, "");
    if (!/^>>> /m.test(text)) return text;
    const kept = text.split("\n").filter((line) => /^(>>>|\.\.\.)( |$)/.test(line));
    return kept.map((line) => line.slice(4)).join("\n");
  }

  function show(output, { text, error, pictures }) {
    output.replaceChildren();
    for (const [content, kind] of [[text, "live-text"], [error, "live-error"]]) {
      if (!content) continue;
      const made = document.createElement("pre");
      made.className = kind;
      made.textContent = content;
      output.append(made);
    }
    for (const picture of pictures) {
      const made = document.createElement("img");
      made.src = `data:image/png;base64,${picture}`;
      made.alt = "figure of this cell";
      output.append(made);
    }
  }

  class Cell {
    constructor(block, cells) {
      this.cells = cells;
      this.done = false;
      this.original = source(block);
      this.text = document.createElement("textarea");
      this.text.className = "live-source";
      this.text.spellcheck = false;
      this.text.value = this.original;
      this.text.rows = this.original.split("\n").length;
      this.text.setAttribute("aria-label", "Python code of this cell");
      this.text.hidden = true;
      this.output = document.createElement("div");
      this.output.className = "live-output";
      this.output.setAttribute("aria-live", "polite");
      const bar = document.createElement("div");
      bar.className = "live-bar";
      this.button = this.add(bar, "Run", () => this.runAll());
      this.add(bar, "Edit", () => this.edit(block));
      block.after(bar, this.text, this.output);
      this.text.addEventListener("input", () => {
        this.text.rows = this.text.value.split("\n").length;
        for (const cell of cells.slice(cells.indexOf(this))) cell.done = false;
      });
      this.text.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && event.shiftKey) {
          event.preventDefault();
          this.runAll();
        }
      });
    }

    add(bar, label, act) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.addEventListener("click", act);
      bar.append(button);
      return button;
    }

    edit(block) {
      this.text.hidden = !this.text.hidden;
      block.hidden = !this.text.hidden;
      if (!this.text.hidden) this.text.focus();
    }

    async runAll() { // those before it first, unless they have run
      const before = this.cells.slice(0, this.cells.indexOf(this)).filter((cell) => !cell.done);
      for (const cell of [...before, this]) {
        if (!(await cell.run())) return;
      }
    }

    async run() {
      this.button.disabled = true;
      this.button.textContent = worker ? "Running" : "Loading Python";
      const found = await run(this.text.value);
      show(this.output, found);
      this.done = !found.error;
      this.output.dataset.seconds = found.seconds;
      this.button.disabled = false;
      this.button.textContent = "Run";
      return this.done;
    }
  }

  function sliders(box) { // values by name, and the code of the block that follows
    const block = box.nextElementSibling;
    const output = document.createElement("div");
    output.className = "live-output";
    block.after(output);
    const still = output.nextElementSibling; // the figure of the page, until there is another
    let busy = false;
    let again = false;
    async function draw() {
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      const values = Object.fromEntries([...box.querySelectorAll("input")].map((each) => [each.name, Number(each.value)]));
      const found = await run(source(block).replace(/^(\w+) = .*# slider.*$/gm, ""), values);
      show(output, found);
      if (still && still.querySelector("img")) still.hidden = found.pictures.length > 0;
      output.dataset.seconds = found.seconds;
      busy = false;
      if (again) {
        again = false;
        draw();
      }
    }
    for (const input of box.querySelectorAll("input")) {
      input.addEventListener("input", () => {
        box.querySelector(`output[for="${input.id}"]`).textContent = input.value;
        draw();
      });
    }
    box.hidden = false;
  }

  document.addEventListener("DOMContentLoaded", () => {
    const boxes = [...document.querySelectorAll(".live-sliders")];
    boxes.forEach(sliders);
    const taken = new Set(boxes.map((box) => box.nextElementSibling));
    const kinds = ".highlight-python, .highlight-pycon, .highlight-default, .highlight-Python, .highlight-ipython3";
    const blocks = [...document.querySelectorAll(kinds)].filter((each) => !taken.has(each));
    const cells = [];
    for (const block of blocks) cells.push(new Cell(block, cells));
  });
})();
