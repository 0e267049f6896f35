/* The linked charts: a dot for every item, the histogram under them, brushes that narrow the grid.
   The library stands at the end of the page, so that the first pictures do not wait for it. */
"use strict";

const Charts = {
  view: null,
  turn: 0,
  axes: "", // what the axes of the drawn charts show
  ranges: { brush: null, span: null },
  library: false,

  /* Called when the library is there. */
  start() {
    this.library = true;
    requestAnimationFrame(() => setTimeout(() => this.draw(), 0));
  },

  rows() {
    const { model, study, now, beside } = State;
    const [x, y] = [State.choice(now.x), State.choice(now.y)];
    const row = (item, m, s, i, j) => ({
      id: item.id,
      label: `${m.name}, ${now.by === "prompt" ? `seed ${item.seed}` : item.prompt.text}`,
      model: m.name, x: x.of(m, s, i, j), y: y.of(m, s, i, j),
    });
    const found = [];
    for (const item of Grid.items()) {
      found.push(row(item, model, study, item.i, item.j));
      const other = besideOf(item);
      if (other) found.unshift(row(item, beside, other.study, other.i, other.j));
    }
    return found.filter((entry) => entry.x !== null && entry.y !== null);
  },

  async draw() {
    if (!this.library) return;
    const { now, model, beside } = State;
    const titles = [now.x, now.y].map((id) => State.choice(id).label);
    const axes = JSON.stringify([titles, model.name, beside && beside.name]);
    if (this.view && axes === this.axes) {
      await this.view.data("items", this.rows()).runAsync();
      return;
    }
    this.axes = axes;
    this.view = null; // until it is drawn
    const turn = ++this.turn;
    this.ranges = { brush: null, span: null };
    const filled = { "@x": titles[0], "@y": titles[1], "@left": model.name };
    filled["@right"] = beside ? beside.name : "";
    const spec = JSON.parse(JSON.stringify(PAGE.charts), (_, value) => filled[value] ?? value);
    // A picture's top is at the top of the chart too.
    const up = State.choice(now.y);
    if (up.key === "y") spec.vconcat[0].encoding.y.scale.reverse = true;
    spec.datasets = { items: this.rows() };
    spec.description = `Dots and histogram: ${titles[0]} against ${titles[1]}`;
    const { view } = await vegaEmbed("#charts", spec, { actions: false, renderer: "svg" });
    if (turn !== this.turn) return; // something else was chosen meanwhile
    this.view = view;
    document.documentElement.dataset.charts ??= String(Math.round(performance.now()));
    for (const name of ["brush", "span"]) {
      view.addSignalListener(name, (_, value) => this.brushed(name, value));
    }
    view.addEventListener("click", (event, item) => {
      const row = item && item.datum;
      if (row && row.id !== undefined) this.picked(row.id);
    });
  },

  picked(id) {
    const { now } = State;
    if (now.by === "prompt") Card.show(Number(id), now.prompt);
    else Card.show(Number(now.seed), id);
  },

  /* What lies inside all brushes stays in the grid. */
  brushed(name, value) {
    this.ranges[name] = value && Object.keys(value).length ? value : null;
    const { brush, span } = this.ranges;
    document.getElementById("unbrush").hidden = !brush && !span;
    const inside = (row) =>
      [brush, span].every((ranges) =>
        Object.entries(ranges || {}).every(([axis, ends]) => {
          const [low, high] = [Math.min(...ends), Math.max(...ends)];
          return row[axis] >= low && row[axis] <= high;
        }));
    State.brush = brush || span ? new Set(this.rows().filter(inside).map((row) => row.id)) : null;
    Grid.draw();
  },

  clear() {
    this.axes = ""; // drawn anew, brushes are gone
    document.getElementById("unbrush").hidden = true;
    State.brush = null;
    Grid.draw();
    this.draw();
  },
};
