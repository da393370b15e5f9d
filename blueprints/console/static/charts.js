// Draws every chart of the page and writes its table; the form chooses the range without leaving the page.
"use strict";

(() => {
  const customers = JSON.parse(document.getElementById("feed-config")?.textContent || "{}").pages?.user;
  const compact = new Intl.NumberFormat(undefined, {notation: "compact", maximumFractionDigits: 1});
  const drawn = new Map();

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function text(value, column) {
    if (value === null) return "–";
    if (column.unit) return Console.money(value, column.unit);
    return column.kind === "percent" ? `${value} %` : new Intl.NumberFormat().format(value);
  }

  function options(table, kind) {
    const shown = table.columns[0];
    const ink = colour("--bs-body-color");
    const line = {color: colour("--line")};
    const labels = {ticks: {color: ink}, grid: {display: false}, stacked: kind === "stack"};
    const whole = shown.kind === "count" ? {precision: 0} : {};
    const values = {ticks: {color: ink, callback: (value) => compact.format(value), ...whole}, grid: line, beginAtZero: true,
      stacked: kind === "stack", ...(shown.kind === "percent" ? {max: 100} : {}),
      ...(shown.kind === "count" ? {suggestedMax: 5} : {})};
    return {
      responsive: true, maintainAspectRatio: false, animation: false,
      indexAxis: kind === "rate" ? "y" : "x", scales: kind === "rate" ? {x: values, y: labels} : {x: labels, y: values},
      interaction: {mode: "index", axis: kind === "rate" ? "y" : "x", intersect: false},
      plugins: {
        legend: {display: kind !== "rate" && table.columns.length > 1, labels: {color: ink}},
        tooltip: {callbacks: {label: (item) => {
          const column = table.columns[item.datasetIndex];
          return `${column.name}: ${text(table.rows[item.dataIndex].values[item.datasetIndex], column)}`;
        }}},
      },
    };
  }

  function datasets(table, kind) {
    const columns = kind === "rate" ? table.columns.slice(0, 1) : table.columns;
    return columns.map((column, number) => {
      const tone = colour(`--chart-${number % 8 + 1}`);
      return {label: column.name, data: table.rows.map((row) => Number(row.values[number])), backgroundColor: tone,
        borderColor: tone, pointRadius: table.rows.length > 60 ? 0 : 2, tension: 0.2};
    });
  }

  function draw(card, table) {
    drawn.get(card)?.chart?.destroy();
    const canvas = card.querySelector("canvas");
    const kind = card.dataset.chart;
    if (canvas) canvas.parentElement.hidden = table.empty;
    const chart = canvas && !table.empty ? new Chart(canvas, {
      type: kind === "line" ? "line" : "bar",
      data: {labels: table.rows.map((row) => row.label), datasets: datasets(table, kind)},
      options: options(table, kind),
    }) : null;
    drawn.set(card, {table, chart});
  }

  function cell(tag, label) {
    const node = document.createElement(tag);
    if (tag === "th") { node.scope = "col"; node.textContent = label; } else { node.dataset.label = label; }
    return node;
  }

  function write(card, table) {
    const head = document.createElement("tr");
    head.append(cell("th", table.heading), ...table.columns.map((column) => cell("th", column.name)));
    card.querySelector("thead").replaceChildren(head);
    card.querySelector("tbody").replaceChildren(...table.rows.map((row) => {
      const line = document.createElement("tr");
      const first = cell("td", table.heading);
      const named = document.createElement(row.user && customers ? "a" : table.heading === "Day" ? "time" : "span");
      named.textContent = row.label;
      if (named.tagName === "A") named.href = customers.replace("__id__", row.user);
      if (named.tagName === "TIME") { named.className = "day"; named.dateTime = row.label; }
      first.append(named);
      line.append(first, ...row.values.map((value, number) => {
        const node = cell("td", table.columns[number].name);
        node.textContent = text(value, table.columns[number]);
        return node;
      }));
      return line;
    }));
    Console.localise(card);
  }

  async function load(card) {
    const form = card.querySelector("form");
    const refused = card.querySelector("[role=alert]");
    card.setAttribute("aria-busy", "true");
    try {
      const asked = new URLSearchParams(new FormData(form));
      asked.set("format", "json");
      const table = await Console.fetchJson(`${form.getAttribute("action")}?${asked}`);
      refused.hidden = true;
      card.querySelector(".empty").hidden = !table.empty;
      for (const name of ["from", "to"]) if (table[name]) form.elements[name].value = table[name];
      write(card, table);
      draw(card, table);
    } catch (error) {
      refused.textContent = error.message;
      refused.hidden = false;
    } finally {
      card.removeAttribute("aria-busy");
    }
  }

  for (const card of document.querySelectorAll("[data-chart]")) {
    card.querySelector("form").addEventListener("submit", (event) => {
      if (event.submitter?.value === "csv") return;
      event.preventDefault();
      load(card);
    });
    for (const choice of card.querySelectorAll("select")) choice.addEventListener("change", () => load(card));
    load(card);
  }
  document.addEventListener("themechange", () => {
    for (const [card, {table}] of drawn) draw(card, table);
  });
})();
