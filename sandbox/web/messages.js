// Draws one line of a chat.

import { drawCard } from "./cards.js";
import { h, icon, link } from "./dom.js";
import { markdown, plain } from "./markdown.js";
import { t } from "./texts.js";

export function avatar(person, index) {
  if (!person) return h("img", { class: "avatar app", src: "/web/icon.svg", alt: "" });
  return h("span", { class: `avatar colour${index % 6}`, "aria-hidden": "true" }, [...person.name].slice(-1)[0] || "?");
}

export function drawMessage(message, context) {
  if (message.recalled) return h("p", { class: "note", "data-message-id": message.id }, t("recalled"));
  const mine = message.from === "user";
  const body = BODIES[message.type]?.(message, context) ?? h("div", { class: "words" }, `[${message.type}]`);
  const bare = ["template_card", "news", "mpnews", "textcard", "image"].includes(message.type);
  return h(
    "div",
    { class: `line ${mine ? "mine" : "theirs"}`, "data-message-id": message.id, "data-from": message.from, "data-type": message.type },
    mine ? avatar(context.self, context.index) : avatar(null),
    h("div", { class: bare ? "bare" : "bubble" }, body, mine && state(message)),
  );
}

// How the bot took a person's own message; nothing when all went well.
function state(message) {
  const delivery = message.delivery;
  if (!delivery) return h("span", { class: "state wait" }, t("sending"));
  if (delivery.status === 200 && !delivery.error) return null;
  const reason = delivery.error || t("failedStatus", delivery.status);
  return h("span", { class: "state bad" }, t("failed", reason));
}

function mediaUrl(message) {
  return `/sandbox/media/${encodeURIComponent(message.content.media_id)}`;
}

function fileLine(name, shape) {
  return (message) =>
    h("a", { class: "file", href: mediaUrl(message), download: message.content.file_name || name },
      icon(shape), h("span", {}, message.content.file_name || t(name)), h("small", {}, size(message.content.size)));
}

function size(bytes) {
  return bytes >= 1024 ? `${(bytes / 1024).toFixed(0)} KB` : `${bytes ?? 0} B`;
}

function articles(message) {
  return h("div", { class: "card news" }, message.content.articles.map((article) =>
    link(article.url, { class: "article" },
      article.picurl && h("img", { src: article.picurl, alt: "", onerror: (event) => event.target.remove() }),
      h("span", { class: "strong" }, article.title), article.description && h("span", {}, article.description))));
}

function textCard(message) {
  const { title, description, url, btntxt } = message.content;
  const words = h("div", { class: "textcard-words" });
  const pattern = /<div class="(gray|highlight|normal)">(.*?)<\/div>|<br\s*\/?>/g;
  let from = 0;
  for (const hit of description.matchAll(pattern)) {
    words.append(description.slice(from, hit.index), hit[1] ? h("p", { class: hit[1] }, hit[2]) : h("br"));
    from = hit.index + hit[0].length;
  }
  words.append(description.slice(from));
  return h("article", { class: "card textcard", "aria-label": title }, h("h3", {}, title), words,
    link(url, { class: "jump" }, h("span", {}, btntxt), icon("next")));
}

const BODIES = {
  text: (message) => plain(message.text),
  markdown: (message) => markdown(message.text),
  template_card: drawCard,
  textcard: textCard,
  news: articles,
  mpnews: articles,
  image: (message) => h("img", { class: "photo", src: mediaUrl(message), alt: t("image") }),
  file: fileLine("file", "file"),
  voice: fileLine("voice", "sound"),
  video: fileLine("video", "film"),
  location: (message) => h("p", { class: "file" }, icon("place"), h("span", {}, message.content.label)),
  link: (message) => link(message.content.url, {}, message.content.title),
};
