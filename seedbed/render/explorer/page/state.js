/* What is chosen. It stands in the address after #, so that a view can be kept and gone back to. */
"use strict";

const NO_FILTERS = {
  list: "", score: "", scoreLow: "", scoreHigh: "", habit: "", shows: "yes", place: "",
  sizeLow: "", sizeHigh: "",
};
const FIRST = {
  model: PAGE.models[0].name, beside: "", study: "", by: "prompt", seed: "", prompt: "",
  sort: "", down: "", x: "", y: "", zoom: "1.5", ...NO_FILTERS,
};

const State = {
  now: { ...FIRST },
  card: null, // the seed and prompt whose card is shown
  brush: null, // ids of the items inside the charts' brushes; null without one
  listeners: [],

  get model() { return MODELS.get(this.now.model); },
  get study() { return this.model.studies.get(this.now.study); },
  get beside() { return this.now.beside ? MODELS.get(this.now.beside) : null; },

  /* Seeds and prompts of the view: with two models those that both have. */
  seeds() {
    const other = this.beside && this.beside.studies.get(this.now.study);
    return other ? this.study.seeds.filter((seed) => other.seedAt.has(seed)) : this.study.seeds;
  },
  prompts() {
    const other = this.beside && this.beside.studies.get(this.now.study);
    const all = this.study.prompts;
    return other ? all.filter((prompt) => other.promptAt.has(prompt.prompt_id)) : all;
  },

  choices() { return choicesOf(this.model, this.study, this.now.by); },
  choice(id) { return this.choices().find((choice) => choice.id === id) || null; },

  /* Change some of it, mend what no longer fits, tell everyone. */
  set(change, keepBrush = false) {
    const before = this.now;
    this.now = { ...this.now, ...change };
    this.mend(before);
    if (!keepBrush) this.brush = null;
    const told = Object.entries(this.now).filter(([key, value]) => value !== FIRST[key]);
    const address = "#" + new URLSearchParams(told).toString();
    if (address !== location.hash) history.replaceState(null, "", address);
    for (const listener of this.listeners) listener(before);
  },

  /* Everything that names something names what is there. */
  mend(before) {
    const now = this.now;
    if (!MODELS.has(now.model)) now.model = FIRST.model;
    const names = [...this.model.studies.keys()];
    if (!names.includes(now.study)) now.study = names[0];
    const other = MODELS.get(now.beside);
    if (!other || now.beside === now.model || !other.studies.has(now.study)) now.beside = "";
    if (!this.seeds().length || !this.prompts().length) now.beside = ""; // nothing in common
    const [seeds, prompts] = [this.seeds(), this.prompts()];
    if (!prompts.some((p) => p.prompt_id === now.prompt)) now.prompt = prompts[0].prompt_id;
    if (!seeds.map(String).includes(now.seed)) now.seed = String(seeds[0]);
    if (now.by !== "seed") now.by = "prompt";
    if (before.by !== now.by || before.study !== now.study) Object.assign(now, this.kept(now));
    const ids = this.choices();
    const has = (id) => ids.some((choice) => choice.id === id);
    const high = (choice) => choice.low_is_good === false; // agreement before distances
    const scores = ids.filter((choice) => choice.role === "score").sort((a, b) => high(b) - high(a));
    const places = ids.filter((choice) => choice.role === "place");
    const drawn = places.length && now.study === "survey" ? places : scores;
    if (!has(now.sort)) now.sort = "order";
    if (!has(now.x)) now.x = (drawn[0] || ids[0]).id;
    if (!has(now.y)) now.y = (drawn[1] || ids.find((c) => c.id !== now.x) || ids[0]).id;
    if (now.score && !has(now.score)) Object.assign(now, { score: "", scoreLow: "", scoreHigh: "" });
    if (!this.model.lists.some((list) => list.key === now.list) || now.by === "seed") now.list = "";
  },

  /* Another study or direction has other numbers: filters on them cannot stay. */
  kept(now) {
    return { ...NO_FILTERS, list: now.list };
  },

  fromAddress() {
    const given = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
    const known = Object.entries(given).filter(([key]) => key in FIRST);
    const asked = Object.fromEntries(known);
    // First what decides which filters there are, then all of it.
    this.set({ ...FIRST, model: asked.model, study: asked.study, by: asked.by });
    this.set(asked);
  },
};
