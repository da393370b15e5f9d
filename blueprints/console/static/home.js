// Keeps the tiles and the list of what needs a person fresh: whenever the feed says that something has moved.
"use strict";

(() => {
  const tiles = document.getElementById("tiles");
  const attention = document.getElementById("attention");
  const PAUSE = 2000;     // at most one look in this time, however much moves
  let last = -PAUSE;
  let planned = false;

  function show(figures) {
    for (const [key, shown] of Object.entries(figures.lines)) {
      const node = tiles.querySelector(`[data-figure="${CSS.escape(key)}"]`);
      if (!node || node.dataset.was === shown) continue;
      const known = "was" in node.dataset;
      node.dataset.was = shown;
      node.innerHTML = shown;     // written and escaped by the server, as on the page
      node.classList.remove("moved");
      if (known) requestAnimationFrame(() => node.classList.add("moved"));
      Console.localise(node);
    }
    // Not under the hands of somebody who writes in it.
    if (attention.dataset.listed !== figures.listed && !attention.contains(document.activeElement)) {
      attention.dataset.listed = figures.listed;
      attention.innerHTML = figures.attention;
      Console.localise(attention);
    }
  }

  async function refresh() {
    planned = false;
    last = performance.now();
    try {
      show(await Console.fetchJson(tiles.dataset.source));
    } catch {
      plan(5 * PAUSE);    // the next event, or this, tries again
    }
  }

  function plan(pause = 0) {
    if (planned || document.hidden) return;
    planned = true;
    setTimeout(refresh, Math.max(pause, 300, last + PAUSE - performance.now()));
  }

  document.addEventListener("moved", () => plan());
  document.addEventListener("visibilitychange", () => plan());
  plan();
})();
