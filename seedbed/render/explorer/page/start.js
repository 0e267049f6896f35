/* First view: the form and the pictures; charts follow when their library has been read. */
"use strict";

document.getElementById("run").textContent = PAGE.made.run || "";
document.title = `Seed explorer: ${PAGE.made.run || ""}`;
document.getElementById("made").textContent = Object.entries(PAGE.made)
  .map(([name, value]) => `${name} ${value}`)
  .join(" · ");

State.listeners.push((before) => {
  const { now } = State;
  const view = ["model", "study", "by", "seed", "prompt", "sort", "down"];
  if (view.some((key) => before[key] !== now[key])) {
    Grid.shown = Grid.AT_ONCE;
    Grid.at = 0;
  }
  Controls.draw();
  Grid.draw();
  Card.draw();
  Charts.draw();
});

Controls.start();
State.fromAddress();
Grid.start();
window.addEventListener("hashchange", () => State.fromAddress());

/* When the first pictures can be seen, in milliseconds since the page was asked for. */
Promise.all(
  [...document.querySelectorAll("#grid img")].slice(0, 100).map((image) => image.decode().catch(() => null)),
).then(() => requestAnimationFrame(() => {
  document.documentElement.dataset.firstView = String(Math.round(performance.now()));
}));
