// The chat page: loads the state once, then follows the live stream. No library.

import { h, icon, post, toast } from "./dom.js";
import { avatar } from "./messages.js";
import { Pane } from "./pane.js";
import { currentLanguage, longTime, setLanguage, t } from "./texts.js";

const NARROW = window.matchMedia("(max-width: 760px)");
const MOST_PANES = 4;

const house = {
  hints: {}, // language → sentences
  kept: false, // whether the chats outlive a restart
  people: new Map(),
  menu: { button: [] },
  chats: new Map(), // person → messages, oldest first
  read: new Map(), // person → id of the newest message seen
  lead: 0, // the world's clock minus ours, seconds
  bot: false,
  now: () => Date.now() / 1000 + house.lead,
  names: () => new Map([...house.people.values()].map((person) => [person.id, person.name])),
  indexOf: (id) => [...house.people.keys()].indexOf(id),
  messagesOf: (id) => house.chats.get(id) ?? [],
  readUpTo: (id) => house.read.get(id) ?? 0,
  unread: (id) =>
    house.messagesOf(id).filter((message) => message.from === "bot" && !message.recalled && message.id > house.readUpTo(id)).length,
};

let panes = [];
let active = null;
let source = null;

function byId(id) {
  return document.getElementById(id);
}

async function load() {
  const state = await (await fetch("/sandbox/state")).json();
  house.hints = state.hints;
  house.kept = state.kept;
  house.menu = state.menu;
  house.bot = state.bot;
  house.lead = state.now - Date.now() / 1000;
  house.people = new Map(state.people.map((person) => [person.id, person]));
  house.chats = new Map();
  for (const message of state.messages) keep(message);
  const known = JSON.parse(sessionStorage.getItem("read") || "{}");
  for (const id of house.people.keys()) house.read.set(id, Math.min(known[id] ?? Infinity, house.messagesOf(id).at(-1)?.id ?? 0));
  setLanguage(localStorage.getItem("language") || state.language);
  return state.last_event;
}

function keep(message) {
  if (!house.chats.has(message.user)) house.chats.set(message.user, []);
  const list = house.chats.get(message.user);
  const at = list.findIndex((other) => other.id === message.id);
  if (at >= 0) list[at] = message;
  else list.push(message);
}

// Windows

function firstPeople() {
  const all = [...house.people.values()];
  const rep = all.find((person) => person.roles.includes("rep")) ?? all[0];
  const leader = house.people.get(rep?.leader) ?? all.find((person) => person !== rep);
  return [rep, leader].filter(Boolean).map((person) => person.id);
}

function layOut() {
  const wanted = panes.map((pane) => pane.person).filter((id) => house.people.has(id));
  for (const id of firstPeople()) if (wanted.length < 2 && !wanted.includes(id)) wanted.push(id);
  const shown = NARROW.matches ? [active && wanted.includes(active.person) ? active.person : wanted[0]] : wanted;
  panes = shown.map((id) => panes.find((pane) => pane.person === id) ?? new Pane(house, id, actions));
  for (const pane of panes) pane.draw();
  byId("panes").replaceChildren(...panes.map((pane) => pane.element));
  byId("panes").dataset.count = panes.length;
  activate(panes[0]);
  drawPeople();
}

function activate(pane) {
  active = pane;
  for (const other of panes) other.element.classList.toggle("active", other === pane);
  if (pane) markRead(pane.person);
}

function markRead(id) {
  const newest = house.messagesOf(id).at(-1)?.id ?? 0;
  if (newest <= house.readUpTo(id)) return;
  house.read.set(id, newest);
  sessionStorage.setItem("read", JSON.stringify(Object.fromEntries(house.read)));
  for (const pane of panes) if (pane.person === id) pane.marks();
  drawPeople();
}

const actions = {
  read: (pane) => activate(pane),
  change: (pane, id) => {
    const other = panes.find((candidate) => candidate !== pane && candidate.person === id);
    if (other) { // already open elsewhere: the two windows swap
      other.person = pane.person;
      other.draw();
    }
    pane.person = id;
    pane.draw();
    activate(pane);
    drawPeople();
  },
  close: (pane) => {
    if (panes.length < 2) return;
    panes = panes.filter((other) => other !== pane);
    pane.element.remove();
    byId("panes").dataset.count = panes.length;
    activate(panes[0]);
    drawPeople();
  },
};

function open(id) {
  const shown = panes.find((pane) => pane.person === id);
  if (shown) {
    activate(shown);
    shown.field.focus();
    return;
  }
  const pane = panes.find((candidate) => candidate !== active) ?? panes[0];
  actions.change(pane, id);
  pane.field.focus();
}

function addPane() {
  const free = [...house.people.keys()].find((id) => !panes.some((pane) => pane.person === id));
  if (!free || panes.length >= MOST_PANES) return;
  const pane = new Pane(house, free, actions);
  panes.push(pane);
  byId("panes").append(pane.element);
  byId("panes").dataset.count = panes.length;
  activate(pane);
  drawPeople();
  pane.field.focus();
}

function drawPeople() {
  const nav = byId("people");
  const focused = nav.contains(document.activeElement) ? document.activeElement.dataset.person : null;
  nav.setAttribute("aria-label", t("people"));
  nav.replaceChildren(
    ...[...house.people.values()].map((person) => {
      const count = house.unread(person.id);
      const shown = panes.some((pane) => pane.person === person.id);
      return h("button", { type: "button", class: "someone", "data-person": person.id, "aria-pressed": String(shown), onclick: () => open(person.id) },
        h("span", { class: "face" }, avatar(person, house.indexOf(person.id)),
          count > 0 && h("span", { class: "badge", "aria-label": t("unread", count) }, String(count))),
        h("span", { class: "name" }, person.name));
    }),
    h("button", { type: "button", class: "someone add", onclick: addPane, title: t("addPane"), "aria-label": t("addPane"), hidden: panes.length >= Math.min(MOST_PANES, house.people.size) },
      h("span", { class: "avatar plus" }, icon("plus"))),
  );
  if (focused) nav.querySelector(`[data-person="${CSS.escape(focused)}"]`)?.focus();
}

// Top bar

function drawTop() {
  document.title = t("title");
  byId("title").textContent = t("title");
  byId("bot").textContent = t(house.bot ? "here" : "away");
  byId("bot").classList.toggle("on", house.bot);
  byId("lost").textContent = t("lost");
  byId("clock").setAttribute("aria-label", t("clock"));
  byId("language").textContent = t("language");
  byId("language").setAttribute("aria-label", t("languageLabel"));
  const steps = [["hour", "1h"], ["day", "1d"], ["week", "7d"], ["month", "30d"]];
  byId("steps").replaceChildren(
    ...steps.map(([name, span]) => h("button", { type: "button", class: "step", "data-advance": span, onclick: () => move(span) }, t(name))));
  tick();
}

function tick() {
  byId("now").textContent = longTime(house.now());
  byId("now").dateTime = new Date(house.now() * 1000).toISOString();
}

async function move(span) {
  for (const step of byId("steps").children) step.disabled = true;
  try {
    const { now } = await post("/sandbox/clock", { advance: span });
    toast(t("moved", longTime(now)));
  } catch (error) {
    toast(error.message);
  } finally {
    for (const step of byId("steps").children) step.disabled = false;
  }
}

// Live

const HEARD = {
  message: (message) => {
    keep(message);
    const pane = panes.find((candidate) => candidate.person === message.user);
    if (pane && pane === active && document.hasFocus()) house.read.set(message.user, Math.max(house.readUpTo(message.user), message.id));
    pane?.show(message);
    drawPeople();
  },
  clock: ({ now }) => {
    house.lead = now - Date.now() / 1000;
    tick();
  },
  menu: (menu) => {
    house.menu = menu;
    for (const pane of panes) pane.element.querySelector(".app-menu").replaceWith(pane.menuBar());
  },
  people: ({ people }) => {
    house.people = new Map(people.map((person) => [person.id, person]));
    layOut();
  },
  bot: ({ here }) => {
    house.bot = here;
    drawTop();
  },
  callback: ({ status }) => {
    house.bot = status === 200;
    drawTop();
  },
  reset: () => start(),
  reload: () => start(),
};

async function start() {
  source?.close();
  const after = await load();
  drawTop();
  layOut();
  source = new EventSource(`/sandbox/stream?after=${after}`);
  for (const [name, act] of Object.entries(HEARD)) source.addEventListener(name, (event) => act(JSON.parse(event.data)));
  source.onopen = () => { byId("lost").hidden = true; };
  source.onerror = () => { byId("lost").hidden = false; };
}

byId("language").addEventListener("click", () => {
  setLanguage(currentLanguage() === "zh" ? "en" : "zh");
  localStorage.setItem("language", currentLanguage());
  drawTop();
  for (const pane of panes) pane.draw();
  drawPeople();
  toast(t("languageOnly"));
});
NARROW.addEventListener("change", layOut);
window.addEventListener("focus", () => active && markRead(active.person));
setInterval(tick, 1000);
start();
document.fonts.ready.then(() => panes.forEach((pane) => pane.bottom())); // glyphs change heights
