/* The pictures: which are shown, in what order, and how the keyboard walks through them. */
"use strict";

const Grid = {
  box: document.getElementById("grid"),
  AT_ONCE: 600, // cells; more are shown when asked for
  shown: 600,
  cells: [],
  at: 0, // the cell that Tab comes to

  /* Every item of the view, {id, i, j, seed, prompt}, filtered but for the brush. */
  items() {
    const { study, now } = State;
    const j = study.promptAt.get(now.prompt);
    const i = study.seedAt.get(Number(now.seed));
    const all = now.by === "prompt"
      ? State.seeds().map((seed) => ({ id: String(seed), i: study.seedAt.get(seed), j }))
      : State.prompts().map(({ prompt_id: id }) => ({ id, i, j: study.promptAt.get(id) }));
    for (const item of all) {
      item.seed = study.seeds[item.i];
      item.prompt = study.prompts[item.j];
    }
    return all.filter(filterOf());
  },

  sorted(items) {
    const { model, study, now } = State;
    const choice = State.choice(now.sort);
    const sign = now.down ? -1 : 1;
    const valued = items.map((item) => [choice.of(model, study, item.i, item.j), item]);
    // What has no number comes last, whichever way.
    valued.sort(([a, one], [b, other]) => {
      if (a === null || b === null) return (a === null) - (b === null);
      return sign * (a - b) || one.i - other.i || one.j - other.j;
    });
    return valued.map(([, item]) => item);
  },

  draw() {
    const all = this.items();
    const { brush, now, study, model, beside } = State;
    const kept = this.sorted(brush ? all.filter((item) => brush.has(item.id)) : all);
    const size = Math.round(PAGE.side * Number(now.zoom));
    const cells = kept.slice(0, this.shown).map((item) => cellOf(item, size));
    const width = this.box.clientWidth || 600;
    const each = size * (beside ? 2 : 1) + (beside ? 3 : 0) + 8;
    const columns = Math.max(1, Math.floor((width + 6) / (each + 6)));
    const rows = [];
    for (let k = 0; k < cells.length; k += columns) {
      const row = document.createElement("div");
      row.setAttribute("role", "row");
      row.setAttribute("aria-rowindex", String(k / columns + 1));
      row.append(...cells.slice(k, k + columns).map(inCell));
      rows.push(row);
    }
    this.box.style.gridTemplateColumns = `repeat(${columns}, ${each}px)`;
    this.box.setAttribute("aria-colcount", String(columns));
    this.box.setAttribute("aria-rowcount", String(Math.ceil(kept.length / columns)));
    this.box.replaceChildren(...rows);
    this.cells = cells;
    this.columns = columns;
    this.at = Math.min(this.at, Math.max(0, cells.length - 1));
    if (cells.length) cells[this.at].tabIndex = 0;
    this.tellMore(kept.length);
    document.getElementById("status").textContent = statusOf(kept.length, all.length);
    this.box.setAttribute(
      "aria-label",
      now.by === "prompt"
        ? `Seeds of ${model.name} with “${study.prompts[study.promptAt.get(now.prompt)].text}”`
        : `Prompts of ${model.name} with seed ${now.seed}`,
    );
  },

  tellMore(count) {
    const more = document.getElementById("more");
    more.hidden = count <= this.shown;
    more.textContent = `Show ${Math.min(this.AT_ONCE, count - this.shown)} more`;
  },

  /* Roving focus: one cell of the grid is reached by Tab, arrows move it. */
  move(to) {
    if (!this.cells.length) return;
    const place = Math.min(Math.max(to, 0), this.cells.length - 1);
    this.cells[this.at].tabIndex = -1;
    this.at = place;
    this.cells[place].tabIndex = 0;
    this.cells[place].focus();
  },

  keys: {
    ArrowRight: (at) => at + 1,
    ArrowLeft: (at) => at - 1,
    ArrowDown: (at, columns) => at + columns,
    ArrowUp: (at, columns) => at - columns,
    PageDown: (at, columns) => at + 5 * columns,
    PageUp: (at, columns) => at - 5 * columns,
    Home: () => 0,
    End: () => Infinity,
  },

  start() {
    this.box.addEventListener("keydown", (event) => {
      const move = this.keys[event.key];
      if (!move || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      this.move(move(this.at, this.columns));
    });
    this.box.addEventListener("focusin", (event) => {
      const place = this.cells.indexOf(event.target);
      if (place < 0 || place === this.at) return;
      this.cells[this.at].tabIndex = -1;
      this.at = place;
      this.cells[place].tabIndex = 0;
    });
    document.getElementById("more").addEventListener("click", () => {
      const first = this.shown;
      this.shown += this.AT_ONCE;
      this.draw();
      this.move(first);
    });
    let columns = 0;
    new ResizeObserver(() => {
      // Only another number of columns needs other rows.
      const width = this.box.clientWidth;
      if (Math.abs(width - columns) > 8) { columns = width; this.draw(); }
    }).observe(this.box);
  },
};

/* The number by which an item is filtered in a role: its picture's, else its seed's. */
function numberFor(key) {
  const { model, study, now } = State;
  if (study.measures.has(key)) return (item) => study.measures.get(key).at(item.i, item.j);
  if (now.by === "prompt" && model.columns.has(key)) return (item) => model.ofSeed(key, item.seed);
  return null;
}

/* Whether a habit shows: in the picture, else whether the seed has it beyond chance. */
function habitFor(habit) {
  const { model, study, now } = State;
  if (study.measures.has(habit)) return (item) => study.measures.get(habit).at(item.i, item.j) > 0;
  const list = model.lists.find((entry) => entry.key === `habit:${habit}`);
  return now.by === "prompt" && list ? (item) => list.has.has(item.seed) : null;
}

function within(value, low, high) {
  if (low === "" && high === "") return true;
  return value !== null && (low === "" || value >= Number(low)) && (high === "" || value <= Number(high));
}

/* Left, middle, right and top, middle, bottom: 0 to 8, row by row. */
function ninthOf(x, y) {
  const third = (value) => Math.min(2, Math.floor(3 * value));
  return x === null || y === null ? -1 : 3 * third(y) + third(x);
}

/* A test of items by everything in the form but the brush. */
function filterOf() {
  const { model, study, now } = State;
  const tests = [];
  const list = model.lists.find((entry) => entry.key === now.list);
  if (list) tests.push((item) => list.has.has(item.seed));
  const score = now.score && State.choice(now.score);
  if (score) {
    tests.push((item) => within(score.of(model, study, item.i, item.j), now.scoreLow, now.scoreHigh));
  }
  const habit = now.habit && habitFor(now.habit);
  if (habit) tests.push((item) => habit(item) === (now.shows === "yes"));
  const [x, y, size] = ["x", "y", "size"].map(numberFor);
  if (now.place && x && y) {
    const wanted = new Set(now.place.split("").map(Number));
    tests.push((item) => wanted.has(ninthOf(x(item), y(item))));
  }
  if (size && (now.sizeLow !== "" || now.sizeHigh !== "")) {
    const percent = (item) => (size(item) === null ? null : 100 * size(item));
    tests.push((item) => within(percent(item), now.sizeLow, now.sizeHigh));
  }
  return (item) => tests.every((test) => test(item));
}

/* Where the model beside has the same seed with the same prompt; null where it has not. */
function besideOf(item) {
  const study = State.beside && State.beside.studies.get(State.now.study);
  if (!study) return null;
  const i = study.seedAt.get(item.seed);
  const j = study.promptAt.get(item.prompt.prompt_id);
  return i === undefined || j === undefined ? null : { study, i, j };
}

function inCell(button) {
  const cell = document.createElement("div");
  cell.setAttribute("role", "gridcell");
  cell.append(button);
  return cell;
}

function cellOf(item, size) {
  const { model, study, now, beside, card } = State;
  const choice = State.choice(now.sort);
  const value = choice.id === "order" ? "" : said(choice.of(model, study, item.i, item.j));
  const name = now.by === "prompt" ? String(item.seed) : item.prompt.text.slice(sharedStart(study));
  const lists = now.by === "prompt" ? model.listsWith(item.seed) : [];
  const button = document.createElement("button");
  button.type = "button";
  button.className = "cell";
  button.tabIndex = -1;
  button.dataset.id = item.id;
  const chosen = card && card.seed === item.seed && card.prompt === item.prompt.prompt_id;
  button.setAttribute("aria-pressed", String(Boolean(chosen)));
  const spoken = [now.by === "prompt" ? `seed ${name}` : name];
  if (value) spoken.push(`${choice.label} ${value}`);
  spoken.push(...lists.map((list) => list.label));
  button.setAttribute("aria-label", spoken.join(", "));
  button.title = spoken.join("\n");
  const pictures = document.createElement("span");
  pictures.className = "pair";
  pictures.append(thumbnail(study, item.i, item.j, size, altOf(model, item)));
  if (beside) {
    const other = besideOf(item);
    pictures.append(thumbnail(other.study, other.i, other.j, size, altOf(beside, item)));
  }
  const label = document.createElement("span");
  label.className = "name";
  label.style.maxWidth = `${size * (beside ? 2 : 1)}px`;
  label.textContent = name;
  if (lists.some((list) => list.key.startsWith("golden"))) {
    const mark = document.createElement("span");
    mark.className = "marks";
    mark.textContent = " ★";
    label.append(mark);
  }
  button.append(pictures, label);
  if (value) {
    const number = document.createElement("span");
    number.className = "value";
    number.textContent = value;
    button.append(number);
  }
  button.addEventListener("click", () => Card.show(item.seed, item.prompt.prompt_id));
  return button;
}

/* How many letters all prompts of a study begin with: under a small picture they say nothing. */
function sharedStart(study) {
  if (study.sharedStart === undefined) {
    const [first, ...others] = study.prompts.map((prompt) => prompt.text);
    let length = others.length ? first.length : 0;
    for (const text of others) while (!text.startsWith(first.slice(0, length))) length -= 1;
    study.sharedStart = first.slice(0, length).lastIndexOf(" ") + 1; // whole words
  }
  return study.sharedStart;
}

function altOf(model, item) {
  return `${model.name}, seed ${item.seed}: ${item.prompt.text}`;
}

function statusOf(count, all) {
  const { model, study, now, brush, beside } = State;
  const total = (now.by === "prompt" ? State.seeds() : State.prompts()).length;
  const what = now.by === "prompt" ? "seeds" : "prompts";
  const choice = State.choice(now.sort);
  const order = now.down ? "highest first" : "lowest first";
  let text = `${count} of ${total} ${what} of ${model.name}`;
  if (beside) text += ` (left) that ${beside.name} (right) has too`;
  text += now.by === "prompt"
    ? `, “${study.prompts[study.promptAt.get(now.prompt)].text}”`
    : `, seed ${now.seed}`;
  text += `, by ${choice.label}, ${order}.`;
  if (brush) text += ` The charts' brush leaves ${count} of ${all}.`;
  if (study.n_prompts > study.prompts.length && now.by === "seed") {
    text += ` The page holds ${study.prompts.length} of the run's ${study.n_prompts} prompts.`;
  }
  return text;
}
