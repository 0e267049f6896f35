/* The card of one picture and its seed: large, with all numbers, and the lists that the seed is on. */
"use strict";

const Card = {
  body: document.getElementById("card-body"),
  title: document.getElementById("card-title"),

  show(seed, promptId) {
    State.card = { seed, prompt: promptId };
    for (const cell of Grid.cells) {
      const id = State.now.by === "prompt" ? String(seed) : promptId;
      cell.setAttribute("aria-pressed", String(cell.dataset.id === id));
    }
    this.draw();
  },

  draw() {
    const { card, model, beside, study } = State;
    if (!card) return;
    const i = study.seedAt.get(card.seed);
    const j = study.promptAt.get(card.prompt);
    if (i === undefined || j === undefined) {
      State.card = null;
      this.title.textContent = "Card";
      this.body.replaceChildren(node("p", "Choose a picture.", "note"));
      return;
    }
    const item = { seed: card.seed, prompt: study.prompts[j], i, j };
    const sides = [{ model, study, i, j, side: "left" }];
    const other = besideOf(item);
    if (other) sides.push({ model: beside, ...other, side: "right" });
    this.title.textContent = `Seed ${card.seed}`;
    this.body.replaceChildren(
      picturesOf(item, sides),
      node("p", item.prompt.text),
      buttonsOf(item),
      numbersOf(sides),
      ...sides.flatMap((side) => seedOf(side, card.seed)),
    );
  },
};

function node(tag, text = "", name = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

function picturesOf(item, sides) {
  const shown = node("div", "", "shown");
  for (const { model, study, i, j, side } of sides) {
    const figure = node("figure");
    const size = sides.length > 1 ? 160 : 224;
    figure.append(thumbnail(study, i, j, size, altOf(model, item)), node("figcaption", model.name, side));
    shown.append(figure);
  }
  return shown;
}

function buttonsOf(item) {
  const row = node("div", "", "buttons");
  const all = node("button", `All prompts of seed ${item.seed}`);
  all.addEventListener("click", () => State.set({ by: "seed", seed: String(item.seed) }));
  const seeds = node("button", "All seeds of this prompt");
  seeds.addEventListener("click", () => State.set({ by: "prompt", prompt: item.prompt.prompt_id }));
  for (const button of [all, seeds]) button.type = "button";
  row.append(all, seeds);
  return row;
}

function tableOf(heads, rows, caption) {
  const table = node("table");
  table.setAttribute("aria-label", caption);
  const head = node("tr");
  head.append(...heads.map(([text, name]) => {
    const cell = node("th", text, name);
    cell.scope = "col";
    return cell;
  }));
  const top = node("thead");
  top.append(head);
  const body = node("tbody");
  for (const [first, ...others] of rows) {
    const row = node("tr");
    const name = node("th", first);
    name.scope = "row";
    row.append(name, ...others.map((text) => node("td", text)));
    body.append(row);
  }
  table.append(top, body);
  return table;
}

/* The numbers of the picture, a column for each model. */
function numbersOf(sides) {
  const part = node("div");
  const measures = [...sides[0].study.measures.values()];
  if (!measures.length) return part;
  const heads = [["this picture"], ...sides.map(({ model, side }) => [model.name, side])];
  const rows = measures.map((measure) => [
    measure.label,
    ...sides.map(({ study, i, j }) => {
      const own = study.measures.get(measure.key);
      const value = own ? own.at(i, j) : null;
      return measure.role === "habit" && value !== null ? (value ? "yes" : "no") : said(value);
    }),
  ]);
  part.append(tableOf(heads, rows, "Numbers of this picture"));
  return part;
}

/* Over all of its pictures: the lists that the seed is on, its numbers, its rank. */
function seedOf({ model, side }, seed) {
  const title = node("h3", `Seed ${seed} of ${model.name}`, side);
  const lists = node("ul");
  for (const list of model.listsWith(seed)) lists.append(node("li", saidOf(list, seed)));
  if (!lists.children.length) lists.append(node("li", "on no list of its model's card"));
  const others = node("details");
  others.append(node("summary", `The card of ${model.name}`));
  const all = node("ul");
  for (const list of model.lists.filter((entry) => !entry.about)) {
    all.append(node("li", `${saidOf(list)} ${groupsOf(list)}`));
  }
  const whole = node("a", "whole card");
  whole.href = `cards/${model.name}/README.md`;
  others.append(all, whole);
  const place = model.seedAt.get(seed);
  const rows = [];
  for (const column of model.columns.values()) {
    const value = place === undefined ? null : column.values[place];
    if (value === null) continue;
    const ends = column.low && column.high ? `[${said(column.low[place])}, ${said(column.high[place])}]` : "";
    rows.push([column.label, said(value), ends, String(column.n), rankOf(column, value)]);
  }
  const heads = [["over its pictures"], ["mean"], ["interval"], ["n"], ["rank"]];
  const made = [title, lists, others];
  if (rows.length) made.push(tableOf(heads, rows, `Numbers of seed ${seed} of ${model.name}`));
  return made;
}

/* What a list says of a seed, or of itself. */
function saidOf(list, seed) {
  const about = (list.about && list.about[seed]) || list.evidence;
  return `${list.label}${list.verdict ? ` (${list.verdict})` : ""}: ${about}`;
}

/* The seeds of a list: of diverse ones each group. */
function groupsOf(list) {
  if (list.sets.length) return list.sets.map((seeds) => `{${seeds.join(", ")}}`).join(" ");
  return list.seeds.length ? `Seeds ${list.seeds.join(", ")}.` : "";
}

/* Best first, for what is good or bad. */
function rankOf(column, value) {
  if (column.low_is_good === null) return "";
  const all = column.values.filter((v) => v !== null);
  const better = all.filter((v) => (column.low_is_good ? v < value : v > value)).length;
  return `${better + 1} of ${all.length}`;
}
