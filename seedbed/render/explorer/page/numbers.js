/* What the page knows: models, their studies, the numbers of every picture and every seed.
   A study is every seed with every prompt; pictures are told by the places (i, j) of seed and
   prompt in it. Numbers arrive as whole numbers in Base64 and are unpacked when first asked for. */
"use strict";

const PAGE = JSON.parse(document.getElementById("data").textContent);
const ABSENT = 65535; // a number that was not measured

function bytesOf(base64) {
  const raw = atob(base64);
  const bytes = new Uint8Array(raw.length);
  for (let k = 0; k < raw.length; k++) bytes[k] = raw.charCodeAt(k);
  return bytes;
}

function placesOf(values) {
  return new Map(values.map((value, place) => [value, place]));
}

class Measure {
  constructor(raw, width) {
    Object.assign(this, raw);
    this.width = width;
    this.means = { seed: [], prompt: [] };
  }

  /* The number of the picture (i, j); null where it was not measured. */
  at(i, j) {
    if (!this.unpacked) {
      const bytes = bytesOf(this.data);
      this.unpacked = this.bits === 8 ? bytes : new Uint16Array(bytes.buffer);
      this.data = null;
    }
    const whole = this.unpacked[i * this.width + j];
    if (this.bits === 8) return whole;
    return whole === ABSENT ? null : this.low + (whole / (ABSENT - 1)) * (this.high - this.low);
  }

  /* The mean over all prompts of a seed, or over all seeds of a prompt, where it was measured. */
  mean(side, place) {
    const known = this.means[side];
    if (known[place] === undefined) {
      const count = this.unpackedLength() / this.width;
      const n = side === "seed" ? this.width : count;
      let sum = 0, seen = 0;
      for (let k = 0; k < n; k++) {
        const value = side === "seed" ? this.at(place, k) : this.at(k, place);
        if (value !== null) { sum += value; seen += 1; }
      }
      known[place] = seen ? sum / seen : null;
    }
    return known[place];
  }

  unpackedLength() {
    this.at(0, 0);
    return this.unpacked.length;
  }
}

class Study {
  constructor(raw) {
    Object.assign(this, raw);
    this.seedAt = placesOf(this.seeds);
    this.promptAt = placesOf(this.prompts.map((prompt) => prompt.prompt_id));
    const measures = this.measures.map((m) => new Measure(m, this.prompts.length));
    this.measures = new Map(measures.map((m) => [m.key, m]));
  }
}

class Model {
  constructor(raw) {
    this.name = raw.name;
    this.lists = raw.lists.map((list) => ({
      ...list, has: new Set([...list.seeds, ...list.sets.flat()]),
    }));
    this.seedAt = placesOf(raw.seeds.ids);
    this.columns = new Map(raw.seeds.columns.map((column) => [column.key, column]));
    this.studies = new Map(raw.studies.map((study) => [study.name, new Study(study)]));
  }

  /* A number of a seed over all of its pictures; null where there is none. */
  ofSeed(key, seed) {
    const place = this.seedAt.get(seed);
    const column = this.columns.get(key);
    return place === undefined || !column ? null : column.values[place];
  }

  listsWith(seed) {
    return this.lists.filter((list) => list.has.has(seed));
  }
}

const MODELS = new Map(PAGE.models.map((raw) => [raw.name, new Model(raw)]));

/* What can be sorted by, filtered by and drawn: of every picture, of the mean over what is not
   shown, of a seed. `of(model, study, i, j)` gives the number, null where there is none. */
function choicesOf(model, study, by) {
  const ofSeeds = by === "prompt"; // every item is a seed
  const found = [];
  found.push({
    id: "order", role: "order", label: ofSeeds ? "seed number" : "order of the prompts",
    of: (m, s, i, j) => (ofSeeds ? s.seeds[i] : j),
  });
  for (const measure of study.measures.values()) {
    const { key, role } = measure;
    found.push({
      id: `picture:${key}`, key, role, label: measure.label, low_is_good: measure.low_is_good,
      group: "this picture",
      of: (m, s, i, j) => (s.measures.has(key) ? s.measures.get(key).at(i, j) : null),
    });
  }
  for (const measure of study.measures.values()) {
    const { key, role } = measure;
    const over = ofSeeds ? `${study.prompts.length} prompts` : `${study.seeds.length} seeds`;
    found.push({
      id: `mean:${key}`, key, role, label: `${measure.label}, mean of ${over}`,
      low_is_good: measure.low_is_good, group: `mean of ${over}`,
      of: (m, s, i, j) => {
        if (!s.measures.has(key)) return null;
        return s.measures.get(key).mean(ofSeeds ? "seed" : "prompt", ofSeeds ? i : j);
      },
    });
  }
  for (const column of ofSeeds ? model.columns.values() : []) {
    // A survey's own means say the same.
    if (study.measures.has(column.key)) continue;
    found.push({
      id: `seed:${column.key}`, key: column.key, role: column.role, label: column.label,
      low_is_good: column.low_is_good, group: "the seed, in the whole run",
      of: (m, s, i) => m.ofSeed(column.key, s.seeds[i]),
    });
  }
  return found;
}

/* A number as people read it: three digits that count, a true minus sign. */
function said(value) {
  if (value === null || value === undefined) return "–";
  const rounded = Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
  return String(rounded).replace("-", "−");
}
