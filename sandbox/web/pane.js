// One chat window: a person's chat with the app, its composer and the app's menu.

import { h, icon, post, toast } from "./dom.js";
import { avatar, drawMessage } from "./messages.js";
import { currentLanguage, shortTime, t } from "./texts.js";

const GAP_BEFORE_TIME = 300; // seconds between messages after which the time is shown
const MEDIA = ["image", "file", "voice", "video", "location", "link"];

export class Pane {
  // `house` is the page's state; `actions`: change(pane, id), close(pane), read(id)
  constructor(house, person, actions) {
    this.house = house;
    this.person = person;
    this.actions = actions;
    this.choices = new Map(); // message id → (question_key → ids), so that a redraw loses no choice
    this.busy = new Map(); // message id → key of the button being tapped
    this.element = h("section", { class: "pane" });
    this.watchReading();
    this.draw();
  }

  // Looking at a chat is touching it. Reading takes the unread line away and so moves what stands below: while a
  // finger is down that must wait, or the press would end on another element and be lost.
  watchReading() {
    let pressed = false;
    this.element.addEventListener("pointerdown", () => {
      pressed = true;
      const release = () => setTimeout(() => {
        pressed = false;
        this.actions.read(this);
      });
      window.addEventListener("pointerup", release, { once: true });
      window.addEventListener("pointercancel", release, { once: true });
    }, true);
    this.element.addEventListener("focusin", () => {
      if (!pressed) this.actions.read(this);
    });
  }

  get self() {
    return this.house.people.get(this.person);
  }

  draw() {
    const { self } = this;
    const draft = this.field?.value ?? ""; // what was typed outlives a new drawing
    this.log = h("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0", "aria-label": t("log", self.name), "data-testid": "log" });
    this.element.dataset.person = self.id;
    this.element.setAttribute("aria-label", t("paneOf", self.name));
    this.element.replaceChildren(this.head(), this.log, this.menuBar(), this.composer());
    this.field.value = draft;
    this.fill();
  }

  head() {
    const { self, house } = this;
    const choose = h("select", { class: "who", "aria-label": t("who"), "data-testid": "who", onchange: () => this.actions.change(this, choose.value) },
      [...house.people.values()].map((person) => h("option", { value: person.id }, person.name)));
    choose.value = self.id;
    this.badge = h("span", { class: "badge", hidden: true });
    const face = h("span", { class: "face" }, avatar(self, house.indexOf(self.id)), this.badge);
    return h("header", { class: "pane-head" }, face,
      h("div", { class: "who-box" }, choose,
        h("span", { class: "roles" }, self.roles.map((role) => h("span", { class: `role ${role}` }, t(role))),
          !self.visible && h("span", { class: "role out" }, t("outside")))),
      h("button", { type: "button", class: "ghost close", "aria-label": t("closePane"), title: t("closePane"), onclick: () => this.actions.close(this) }, icon("close")));
  }

  menuBar() {
    const list = this.house.menu.button || [];
    if (!list.length) return h("div", { class: "app-menu", hidden: true });
    return h("div", { class: "app-menu", role: "group", "aria-label": t("appMenu"), "data-testid": "app-menu" },
      list.map((entry) => (entry.sub_button?.length ? this.subMenu(entry) : this.menuButton(entry))));
  }

  menuButton(entry) {
    const click = () => {
      if (entry.type === "view") window.open(entry.url, "_blank", "noopener");
      else this.fire(entry.key ?? "");
    };
    return h("button", { type: "button", "data-key": entry.key ?? null, onclick: click }, entry.name);
  }

  subMenu(entry) {
    return popup(h("button", { type: "button" }, icon("menu"), entry.name), entry.sub_button.map((child) => this.menuButton(child)));
  }

  composer() {
    const field = h("textarea", { rows: "1", placeholder: t("placeholder"), "aria-label": t("message", this.self.name), "data-testid": "composer" });
    this.field = field;
    const send = () => {
      const text = field.value.trim();
      if (!text) return;
      field.value = "";
      field.style.height = "auto";
      this.say(text);
    };
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        send();
      }
    });
    field.addEventListener("input", () => {
      field.style.height = "auto";
      field.style.height = `${Math.min(field.scrollHeight, 140)}px`;
    });
    const attach = popup(
      h("button", { type: "button", class: "ghost", "aria-label": t("attach"), title: t("attach") }, icon("plus")),
      [...MEDIA.map((type) => h("button", { type: "button", onclick: () => this.attach(type) }, t(type))),
        h("button", { type: "button", onclick: () => this.fire("", "enter_agent") }, t("enter"))]);
    return h("div", { class: "composer" }, attach, field, h("button", { type: "button", class: "send", "data-testid": "send", onclick: send }, t("send")));
  }

  fill() {
    const messages = this.house.messagesOf(this.person);
    this.log.replaceChildren();
    this.lines = new Map();
    let previous = 0;
    for (const message of messages) {
      this.append(message, previous);
      previous = message.at;
    }
    if (!messages.some((message) => message.from === "user")) this.log.append(this.welcome(messages.length > 0));
    this.bottom();
    this.marks();
  }

  // What to say, until something was said. A bot that spoke first leaves room for the hints alone.
  welcome(spoken) {
    const hints = this.house.hints[currentLanguage()] ?? [];
    if (spoken && !hints.length) return "";
    return h("div", { class: "welcome" }, !spoken && avatar(null), !spoken && h("p", { class: "strong" }, t("app")),
      !spoken && h("p", {}, t("emptyPlain")), hints.length > 0 && h("p", {}, t("empty")),
      h("div", { class: "hints" }, hints.map((hint) => h("button", { type: "button", onclick: () => this.say(hint) }, hint))),
      !this.house.kept && h("p", { class: "memory" }, t("memory")));
  }

  append(message, previous) {
    if (message.at - previous > GAP_BEFORE_TIME) {
      this.put(h("p", { class: "note time" }, shortTime(message.at, this.house.now())));
    }
    const line = this.line(message);
    this.lines.set(message.id, line);
    this.put(line);
  }

  // Above the hints, while they stand there.
  put(element) {
    const hints = this.log.querySelector(".welcome");
    if (hints) hints.before(element);
    else this.log.append(element);
  }

  line(message) {
    if (!this.choices.has(message.id)) this.choices.set(message.id, new Map());
    return drawMessage(message, {
      self: this.self,
      index: this.house.indexOf(this.person),
      person: this.person,
      names: this.house.names(),
      choices: this.choices.get(message.id),
      busy: this.busy.get(message.id),
      tap: (key) => this.tap(message, key),
    });
  }

  // A message came or changed: only its own line is redrawn, and focus stays where it was.
  show(message) {
    const old = this.lines.get(message.id);
    const near = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 120;
    if (old) {
      if (message.updated) this.choices.delete(message.id);
      const key = old.contains(document.activeElement) ? document.activeElement.dataset.key || "" : null;
      const line = this.line(message);
      this.lines.set(message.id, line);
      old.replaceWith(line);
      if (key !== null) (line.querySelector(`[data-key="${CSS.escape(key)}"]:not(:disabled)`) || this.field).focus({ preventScroll: true });
    } else {
      const hints = this.log.querySelector(".welcome");
      if (message.from === "user") hints?.remove();
      else if (!this.lines.size) hints?.replaceWith(this.welcome(true));
      const list = this.house.messagesOf(this.person);
      this.append(message, list.length > 1 ? list[list.length - 2].at : 0);
    }
    if (near || message.from === "user") this.bottom();
    this.marks();
  }

  // Unread marks: a count on the face and a line above the first new message.
  marks() {
    const count = this.house.unread(this.person);
    this.badge.hidden = count === 0;
    this.badge.textContent = String(count);
    this.badge.setAttribute("aria-label", t("unread", count));
    this.log.querySelector(".fresh")?.remove();
    const first = count && this.house.messagesOf(this.person).find((message) => message.id > this.house.readUpTo(this.person) && message.from === "bot");
    if (first) this.lines.get(first.id)?.before(h("p", { class: "note fresh", "data-testid": "fresh" }, t("fresh")));
  }

  // Waits for the layout: a window may be filled before it stands on the page.
  bottom() {
    requestAnimationFrame(() => this.log.scrollTo(0, this.log.scrollHeight));
  }

  async tap(message, key) {
    if (this.busy.has(message.id)) return;
    const selected = Object.fromEntries(this.choices.get(message.id) ?? []);
    this.busy.set(message.id, key);
    this.redraw(message.id);
    try {
      const told = await post(`/sandbox/users/${encodeURIComponent(this.person)}/taps`, { task_id: message.task_id, key, selected });
      if (told.status !== 200) toast(t("failed", told.error || t("failedStatus", told.status)));
    } catch (error) {
      toast(error.message);
    } finally {
      this.busy.delete(message.id);
      this.redraw(message.id);
    }
  }

  redraw(id) {
    const message = this.house.messagesOf(this.person).find((other) => other.id === id);
    const old = this.lines.get(id);
    if (!message || !old) return;
    const inside = old.contains(document.activeElement) ? document.activeElement.dataset.key || "" : null;
    const line = this.line(message);
    this.lines.set(id, line);
    old.replaceWith(line);
    if (inside) this.refocus = inside;
    const again = this.refocus && line.querySelector(`[data-key="${CSS.escape(this.refocus)}"]:not(:disabled)`);
    if (again && document.activeElement === document.body) {
      again.focus({ preventScroll: true });
      this.refocus = "";
    }
  }

  async say(text) {
    try {
      await post(`/sandbox/users/${encodeURIComponent(this.person)}/messages`, { text });
    } catch (error) {
      toast(error.message);
    }
  }

  async attach(type) {
    await post(`/sandbox/users/${encodeURIComponent(this.person)}/media`, { type }).catch((error) => toast(error.message));
  }

  async fire(key, event = "click") {
    await post(`/sandbox/users/${encodeURIComponent(this.person)}/events`, { event, key }).catch((error) => toast(error.message));
  }
}

// A button that opens a small list above itself; Escape and leaving it close the list.
function popup(opener, entries) {
  const list = h("div", { class: "popup", role: "menu", hidden: true }, entries);
  const show = (open) => {
    list.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
  };
  opener.setAttribute("aria-haspopup", "menu");
  show(false);
  opener.addEventListener("click", () => {
    show(list.hidden);
    if (!list.hidden) list.querySelector("button")?.focus();
  });
  for (const entry of entries) entry.setAttribute("role", "menuitem");
  const holder = h("div", { class: "popup-holder" }, opener, list);
  list.addEventListener("click", () => show(false));
  holder.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      show(false);
      opener.focus();
    }
  });
  holder.addEventListener("focusout", (event) => {
    if (!holder.contains(event.relatedTarget)) show(false);
  });
  return holder;
}
