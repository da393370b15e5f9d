// What every page does: the viewer's locale and zone, progress of long actions, toasts. Pages add their own files.
"use strict";

const Console = (() => {
  const full = new Intl.DateTimeFormat(undefined, {dateStyle: "medium", timeStyle: "short"});
  const dayOnly = new Intl.DateTimeFormat(undefined, {dateStyle: "medium", timeZone: "UTC"});

  function money(text, unit) {
    // Strings and not numbers: Intl formats decimals of any size exactly.
    if (!/^[A-Z]{3}$/.test(unit)) {
      return `${new Intl.NumberFormat(undefined, {minimumFractionDigits: 2}).format(text)} ${unit}`;
    }
    return new Intl.NumberFormat(undefined, {style: "currency", currency: unit}).format(text);
  }

  // Write every time and amount below `root` as this viewer reads them.
  function localise(root) {
    for (const node of root.querySelectorAll("time[datetime]:not([data-shown])")) {
      const moment = new Date(node.dateTime);
      if (Number.isNaN(moment.valueOf())) continue;
      node.textContent = node.classList.contains("day") ? dayOnly.format(moment) : full.format(moment);
      node.title = node.dateTime;
      node.dataset.shown = "";
    }
    for (const node of root.querySelectorAll("data.money:not([data-shown])")) {
      node.textContent = money(node.value, node.dataset.unit);
      node.dataset.shown = "";
    }
  }

  function toast(message, kind = "success") {
    const box = document.createElement("div");
    box.className = `toast toast-${kind}`;
    const row = document.createElement("div");
    row.className = "d-flex";
    const body = document.createElement("div");
    body.className = "toast-body";
    body.textContent = message;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn-close me-2 m-auto";
    close.dataset.bsDismiss = "toast";
    close.setAttribute("aria-label", "Close");
    row.append(body, close);
    box.append(row);
    document.getElementById("toasts").append(box);
    bootstrap.Toast.getOrCreateInstance(box, {autohide: kind !== "error", delay: 8000}).show();
  }

  // JSON from the console itself. A session that has ended sends the viewer to the login.
  async function fetchJson(url, options = {}) {
    const headers = {Accept: "application/json", "X-CSRFToken": csrf(), ...options.headers};
    const response = await fetch(url, {...options, headers, credentials: "same-origin"});
    if (response.status === 401) {
      location.assign(document.querySelector(".top form[method=post]").action.replace("logout", "login"));
    }
    const body = await response.json();
    if (!response.ok) throw new Error(body.detail || response.statusText);
    return body;
  }

  const csrf = () => document.querySelector("meta[name=csrf-token]").content;

  return {localise, toast, fetchJson, money, csrf};
})();

document.getElementById("theme").addEventListener("click", () => window.switchTheme());
Console.localise(document);
for (const box of document.querySelectorAll("#toasts .toast")) {
  bootstrap.Toast.getOrCreateInstance(box).show();
}

// A form that acts is sent once, and says that it is at work.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button:not([type=button])");
    if (!button) return;
    button.setAttribute("aria-busy", "true");
    // After the submission has taken the button's own name and value along.
    setTimeout(() => { button.disabled = true; }, 0);
    const wheel = document.createElement("span");
    wheel.className = "spinner-border spinner-border-sm ms-2";
    wheel.setAttribute("aria-hidden", "true");
    button.append(wheel);
  });
}
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// The menu of the person at the console closes like one: by Escape, or by a click elsewhere.
const who = document.querySelector("details.who");
document.addEventListener("click", (event) => { if (!who.contains(event.target)) who.open = false; });
who.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  who.open = false;
  who.querySelector("summary").focus();
});

// Filters that are left empty do not clutter the address.
document.getElementById("filters")?.addEventListener("submit", (event) => {
  for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
});
