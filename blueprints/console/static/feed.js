// Every event as it commits: over the socket, which is resumed where it broke off.
"use strict";

(() => {
  const config = JSON.parse(document.getElementById("feed-config").textContent);
  const list = document.getElementById("feed");
  const state = document.getElementById("feed-state");
  const urgent = new Set(config.urgent);
  const NEWEST = 50;
  const LONGEST_PAUSE = 30000;
  let socket = null;
  let last = "";
  let failures = 0;
  let timer = 0;

  const FACTS = ["status", "outcome", "code", "method", "plan_title", "provider_title", "type_code", "quantity"];

  function link(text, href) {
    const node = document.createElement(href ? "a" : "span");
    node.textContent = text;
    if (href) node.href = href;
    return node;
  }

  function pageOf(subject) {
    const [kind, ...rest] = subject.split(":");
    const page = config.pages[kind];
    return page ? page.replace("__id__", encodeURIComponent(rest.join(":").split("/")[0])) : "";
  }

  // Long ids are told apart by their end.
  function nameOf(subject) {
    const [kind, ...rest] = subject.split(":");
    const id = rest.join(":");
    return `${kind.replace(/[._]/g, " ")} ${id.length > 14 ? `…${id.slice(-6)}` : id}`;
  }

  function row(frame) {
    const node = document.createElement("li");
    node.dataset.event = frame.event_id;
    const name = document.createElement("strong");
    name.textContent = frame.event.replace(/[._]/g, " ");
    const at = document.createElement("time");
    at.dateTime = frame.at;
    const subject = link(nameOf(frame.subject), pageOf(frame.subject));
    subject.title = frame.subject;
    node.append(name, subject);
    if (frame.user && config.pages.user && !frame.subject.startsWith("user:")) {
      node.append(link(`customer ${frame.user}`, config.pages.user.replace("__id__", frame.user)));
    }
    if (frame.amount) {
      const amount = document.createElement("data");
      amount.className = "money";
      amount.value = frame.amount;
      amount.dataset.unit = frame.unit;
      node.append(amount);
    }
    const facts = document.createElement("span");
    facts.className = "facts";
    facts.textContent = FACTS.filter((key) => key in frame).map((key) => String(frame[key])).join(", ");
    if (facts.textContent) node.append(facts);
    if (urgent.has(frame.event)) {
      node.className = "urgent";
      const mark = document.createElement("span");
      mark.className = "state state-bad";
      mark.textContent = "needs a person";
      node.append(mark);
    }
    node.append(at);
    Console.localise(node);
    return node;
  }

  // A frame may come by the socket and by the list of the newest: it is shown once.
  const known = (frame) => list.querySelector(`[data-event="${CSS.escape(frame.event_id)}"]`) !== null;

  function trim() {
    while (list.children.length > NEWEST) list.lastElementChild.remove();
    document.getElementById("feed-empty").hidden = list.children.length > 0;
  }

  async function catchUp() {
    const {frames} = await Console.fetchJson(config.feed);
    const fresh = frames.filter((frame) => !known(frame));
    list.prepend(...fresh.map(row));
    trim();
  }

  function moved() {
    document.dispatchEvent(new CustomEvent("moved"));
  }

  function hear(frame) {
    last = frame.event_id || last;
    if (frame.type === "CONNECTED") {
      failures = 0;
      state.textContent = "Live";
    }
    if (frame.type === "EVENT") {
      if (known(frame) || frame.event === config.left_out) return;
      list.prepend(row(frame));
      trim();
      if (urgent.has(frame.event)) Console.toast(`${frame.event.replace(/[._]/g, " ")}: needs a person`, "error");
    } else {
      // After a start or a gap the list is read once; what commits from now on comes by the socket.
      catchUp().catch(() => {});
    }
    moved();
  }

  async function connect() {
    clearTimeout(timer);
    if (document.hidden || socket) return;
    try {
      socket = "coming";
      const {token} = await Console.fetchJson(config.token);
      if (document.hidden) { socket = null; return; }
      const query = new URLSearchParams({feed: "staff", ...(last ? {last_event_id: last} : {})});
      // As a subprotocol the token stays out of access logs.
      const opened = new WebSocket(`${document.body.dataset.realtime}?${query}`, ["purser", token]);
      socket = opened;
      opened.addEventListener("message", (event) => hear(JSON.parse(event.data)));
      opened.addEventListener("close", (event) => {
        if (socket !== opened) return;
        socket = null;
        if (event.code === 4403) { state.textContent = "Your account may not hear this feed."; return; }
        again();
      });
    } catch {
      socket = null;
      again();
    }
  }

  function again() {
    if (document.hidden) return;
    failures += 1;
    state.textContent = "Interrupted, trying again";
    const pause = Math.min(LONGEST_PAUSE, 500 * 2 ** failures) * (0.5 + Math.random() / 2);
    timer = setTimeout(connect, pause);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      clearTimeout(timer);
      state.textContent = "Paused while this page is hidden";
      const open = socket;
      socket = null;
      if (open instanceof WebSocket) open.close();
    } else {
      connect();
    }
  });
  addEventListener("pagehide", () => { if (socket instanceof WebSocket) socket.close(); });
  state.textContent = "Connecting";
  catchUp().catch(() => {});
  connect();
})();
