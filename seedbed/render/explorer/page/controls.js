/* The form: what can be chosen follows from what was chosen before. */
"use strict";

const Controls = {
  at: (id) => document.getElementById(id),

  /* Plain fields, by the key of the state that each holds. */
  fields: {
    model: "model", beside: "beside", study: "study", prompt: "prompt", seed: "seed", sort: "sort",
    list: "list", score: "score", "score-low": "scoreLow", "score-high": "scoreHigh",
    habit: "habit", shows: "shows", "size-low": "sizeLow", "size-high": "sizeHigh",
    x: "x", y: "y", zoom: "zoom",
  },

  draw() {
    const { model, study, now } = State;
    options(this.at("model"), [...MODELS.keys()].map((name) => [name, name]));
    const others = [...MODELS.values()].filter((m) => m !== model && m.studies.has(now.study));
    options(this.at("beside"), [["", "no other"], ...others.map((m) => [m.name, m.name])]);
    this.at("beside").disabled = !others.length;
    options(this.at("study"), [...model.studies.values()].map((s) => [s.name, s.label]));
    options(this.at("seed"), State.seeds().map((seed) => [String(seed), String(seed)]));
    options(this.at("prompt"), State.prompts().map((p) => [p.prompt_id, promptName(p)]));
    const choices = State.choices();
    grouped(this.at("sort"), choices);
    grouped(this.at("x"), choices);
    grouped(this.at("y"), choices);
    grouped(this.at("score"), choices.filter((c) => !["order", "place"].includes(c.role)), "any");
    this.drawFilters();
    for (const [id, key] of Object.entries(this.fields)) {
      if (this.at(id).value !== now[key]) this.at(id).value = now[key];
    }
    this.at("down").checked = Boolean(now.down);
    for (const radio of document.getElementsByName("by")) radio.checked = radio.value === now.by;
    this.at("of-prompt").hidden = now.by !== "prompt";
    this.at("of-seed").hidden = now.by !== "seed";
    for (const id of ["score-low", "score-high"]) this.at(id).disabled = !now.score;
  },

  drawFilters() {
    const { model, study, now } = State;
    options(this.at("list"), [
      ["", "all"],
      ...model.lists
        .filter((list) => list.seeds.length)
        .map((list) => [list.key, `${list.label} (${list.seeds.length})`]),
    ]);
    this.at("of-list").hidden = now.by === "seed" || !model.lists.length;
    const named = [...study.measures.values(), ...model.columns.values()];
    const habits = [...new Set(named.filter((m) => m.role === "habit").map((m) => m.key))];
    const usable = habits.filter((habit) => habitFor(habit));
    options(this.at("habit"), [["", "any"], ...usable.map((h) => [h, h.replaceAll("_", " ")])]);
    this.at("habit").disabled = this.at("shows").disabled = !usable.length;
    const [placed, sized] = [numberFor("x") && numberFor("y"), numberFor("size")];
    for (const button of this.at("place").children) {
      button.disabled = !placed;
      button.setAttribute("aria-pressed", String(now.place.includes(button.dataset.ninth)));
    }
    for (const id of ["size-low", "size-high"]) this.at(id).disabled = !sized;
    this.at("filter-note").textContent = study.measures.has("x") || study.measures.has("greyscale")
      ? ""
      : usable.length || placed
        ? "Habits, place and size here are those of the seed in the survey: whether it has the " +
          "habit beyond chance, where its objects are on average."
        : "Habits, place and size were not measured here.";
  },

  change(event) {
    const key = this.fields[event.target.id];
    if (key) State.set({ [key]: event.target.value });
    else if (event.target.id === "down") State.set({ down: event.target.checked ? "1" : "" });
    else if (event.target.name === "by") State.set({ by: event.target.value });
  },

  /* To the one before or after. */
  step(button) {
    const { now } = State;
    const { step: key, by } = button.dataset;
    const all = key === "seed" ? State.seeds().map(String) : State.prompts().map((p) => p.prompt_id);
    const place = (all.indexOf(now[key]) + Number(by) + all.length) % all.length;
    State.set({ [key]: all[place] });
  },

  start() {
    const form = this.at("controls");
    // On a phone the pictures come first.
    if (window.innerWidth <= 720) this.at("filters").open = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", (event) => this.change(event));
    for (const id of ["x", "y"]) this.at(id).addEventListener("change", (e) => this.change(e));
    for (const button of form.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => this.step(button));
    }
    const names = ["top", "middle", "bottom"].flatMap((y) =>
      ["left", "middle", "right"].map((x) => `${y} ${x}`));
    names.forEach((name, ninth) => {
      const button = node("button");
      button.type = "button";
      button.dataset.ninth = String(ninth);
      button.setAttribute("aria-label", name === "middle middle" ? "middle" : name);
      button.addEventListener("click", () => {
        const chosen = new Set(State.now.place);
        if (!chosen.delete(String(ninth))) chosen.add(String(ninth));
        State.set({ place: [...chosen].sort().join("") });
      });
      this.at("place").append(button);
    });
    this.at("clear").addEventListener("click", () => {
      State.set({ ...NO_FILTERS });
      Charts.clear();
    });
    this.at("unbrush").addEventListener("click", () => Charts.clear());
  },
};

function promptName(prompt) {
  const part = prompt.part.replace("set", "Set ");
  return part ? `${part}: ${prompt.text}` : prompt.text;
}

/* Fill a menu, if it holds anything else. */
function options(select, entries) {
  const told = JSON.stringify(entries);
  if (select.dataset.told === told) return;
  select.dataset.told = told;
  select.replaceChildren(...entries.map(([value, text]) => new Option(text, value)));
}

function grouped(select, choices, none = "") {
  const told = JSON.stringify(choices.map((choice) => [choice.id, choice.label]));
  if (select.dataset.told === told) return;
  select.dataset.told = told;
  const groups = new Map();
  for (const choice of choices) {
    const group = choice.group || "";
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push(new Option(choice.label, choice.id));
  }
  const made = none ? [new Option(none, "")] : [];
  for (const [label, entries] of groups) {
    if (!label) { made.push(...entries); continue; }
    const group = document.createElement("optgroup");
    group.label = label;
    group.append(...entries);
    made.push(group);
  }
  select.replaceChildren(...made);
}
