// The link to older moments puts them below the ones that are shown; without this file it is a page of its own.
"use strict";

(() => {
  const older = document.getElementById("older");
  const moments = document.getElementById("moments");
  const status = document.getElementById("older-status");
  if (!moments) return;

  async function more() {
    const response = await fetch(older.href, {headers: {Accept: "text/html"}, credentials: "same-origin"});
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const added = page.querySelectorAll("#moments > li");
    // Anything else than the page itself (the login, an error) is shown as what it is.
    if (!response.ok || !added.length) return location.assign(older.href);
    for (const moment of added) moments.append(document.adoptNode(moment));
    Console.localise(moments);
    const next = page.getElementById("older").getAttribute("href");
    if (next) {
      older.href = next;
    } else {
      older.hidden = true;
    }
    status.textContent = next ? `${added.length} more shown.` : `${added.length} more shown. That is all.`;
    return undefined;
  }

  older.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (older.getAttribute("aria-busy") === "true") return;
    older.setAttribute("aria-busy", "true");
    status.textContent = "Loading…";
    more()
      .catch(() => { status.textContent = "That did not work. Try again."; })
      .finally(() => older.removeAttribute("aria-busy"));
  });
})();
