// Draws the five kinds of template cards the way WeCom draws them.

import { h, icon, link } from "./dom.js";
import { t } from "./texts.js";

// `context`: person, names (userid → name), choices (question_key → [ids], kept over redraws), tap(key), busy (key).
export function drawCard(message, context) {
  const card = message.card;
  const title = card.main_title?.title || card.sub_title_text || "";
  const dead = Boolean(card.replace_text);
  return h(
    "article",
    {
      class: `card ${card.card_type}${dead ? " dead" : ""}`,
      "data-testid": "card",
      "data-task-id": message.task_id || null,
      "data-card-type": card.card_type,
      "data-message-id": message.id,
      "aria-label": title,
    },
    source(card, context),
    picture(card),
    heading(card),
    card.emphasis_content && emphasis(card.emphasis_content),
    card.image_text_area && imageText(card.image_text_area),
    card.quote_area && quote(card.quote_area),
    card.sub_title_text && h("p", { class: "sub" }, card.sub_title_text),
    rows(card.vertical_content_list, vertical, "vertical"),
    card.horizontal_content_list?.length > 0 &&
      h("dl", { class: "pairs" }, card.horizontal_content_list.map((row) => pair(row, context))),
    card.checkbox && checkList(card.checkbox, message, context, dead),
    selectors(card, context, dead),
    buttons(card, context, dead),
    rows(card.jump_list, jump, "jumps"),
  );
}

function rows(list, draw, name) {
  return list?.length > 0 && h("ul", { class: name }, list.map((row) => h("li", {}, draw(row))));
}

const COLOURS = ["grey", "black", "red", "green"];

function source(card, context) {
  const line = card.source || {};
  const menu = card.action_menu && actionMenu(card.action_menu, context);
  if (!line.desc && !line.icon_url && !menu) return null;
  return h(
    "div",
    { class: `source ${COLOURS[line.desc_color || 0]}` },
    line.icon_url && /^https?:/.test(line.icon_url)
      ? h("img", { src: line.icon_url, alt: "", width: 16, height: 16, onerror: hide })
      : line.desc && h("img", { src: "/web/icon.svg", alt: "", width: 16, height: 16 }),
    h("span", { class: "source-text" }, line.desc || ""),
    menu,
  );
}

function hide(event) {
  event.target.remove();
}

function actionMenu(menu, context) {
  const list = h(
    "div",
    { class: "menu-list", role: "menu", hidden: true },
    menu.desc && h("p", { class: "menu-note" }, menu.desc),
    menu.action_list.map((entry) =>
      h("button", { type: "button", role: "menuitem", "data-key": entry.key, onclick: () => context.tap(entry.key) }, entry.text),
    ),
  );
  const opener = h(
    "button",
    { type: "button", class: "more", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": t("menu") },
    icon("more"),
  );
  const show = (open) => {
    list.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (open) list.querySelector("button")?.focus();
  };
  opener.addEventListener("click", () => show(list.hidden));
  const holder = h("div", { class: "action-menu" }, opener, list);
  holder.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      show(false);
      opener.focus();
    }
  });
  holder.addEventListener("focusout", (event) => {
    if (!holder.contains(event.relatedTarget)) show(false);
  });
  return holder;
}

function heading(card) {
  const title = card.main_title || {};
  if (!title.title && !title.desc) return null;
  const action = card.card_action || {};
  return h(
    "header",
    { class: "main-title" },
    title.title && h("h3", {}, action.type === 1 ? link(action.url, { class: "cover" }, title.title) : title.title),
    title.desc && h("p", {}, title.desc),
  );
}

function picture(card) {
  if (!card.card_image) return null;
  const image = h("img", { class: "card-image", src: card.card_image.url, alt: card.main_title?.title || t("imageMissing") });
  image.style.aspectRatio = String(card.card_image.aspect_ratio || 1.3);
  image.addEventListener("error", () => {
    const stand = h("div", { class: "card-image missing", role: "img", "aria-label": image.alt }, t("imageMissing"));
    stand.style.aspectRatio = image.style.aspectRatio;
    image.replaceWith(stand);
  });
  return image;
}

function emphasis(part) {
  return h("div", { class: "emphasis" }, h("p", { class: "figure" }, part.title || ""), h("p", {}, part.desc || ""));
}

function imageText(part) {
  const image = h("img", { src: part.image_url, alt: "", onerror: hide });
  const words = h("div", {}, h("p", { class: "strong" }, part.title || ""), h("p", {}, part.desc || ""));
  return link(part.type === 1 ? part.url : "", { class: "image-text" }, image, words);
}

function quote(part) {
  const words = [part.title && h("p", { class: "strong" }, part.title), part.quote_text && h("p", {}, part.quote_text)];
  return h("blockquote", { class: "quote" }, link(part.type === 1 ? part.url : "", { class: "quote-link" }, ...words));
}

function vertical(row) {
  return [h("p", { class: "strong" }, row.title), row.desc && h("p", {}, row.desc)];
}

function pair(row, context) {
  let value = row.value || "";
  if (row.type === 1) value = link(row.url, {}, value || row.url);
  if (row.type === 2) {
    value = h("a", { href: `/sandbox/media/${encodeURIComponent(row.media_id)}`, download: row.value || "file" }, icon("clip"), value);
  }
  if (row.type === 3) value = h("span", { class: "member" }, icon("person"), value || context.names.get(row.userid) || row.userid);
  return h("div", { class: "pair" }, h("dt", {}, row.keyname), h("dd", {}, value));
}

function jump(row) {
  return link(row.type === 1 ? row.url : "", { class: "jump" }, h("span", {}, row.title), row.type > 0 && icon("next"));
}

function selectors(card, context, dead) {
  const list = [...(card.button_selection ? [card.button_selection] : []), ...(card.select_list || [])];
  return list.map((selector) => {
    const options = selector.option_list.map((option) => h("option", { value: option.id }, option.text));
    const ids = selector.option_list.map((option) => option.id);
    const chosen = context.choices.get(selector.question_key)?.[0];
    const start = [chosen, selector.selected_id].find((id) => ids.includes(id)) ?? ids[0];
    const disabled = dead || selector.disable === true;
    const field = h(
      "select",
      {
        "data-question": selector.question_key,
        disabled,
        "aria-label": selector.title || t("choose"),
        onchange: () => context.choices.set(selector.question_key, [field.value]),
      },
      options,
    );
    field.value = start;
    return h("label", { class: `selector${disabled ? " disabled" : ""}` }, h("span", {}, selector.title || ""), field);
  });
}

function checkList(box, message, context, dead) {
  const several = box.mode === 1;
  const disabled = dead || box.disable === true;
  const ticked = box.option_list.filter((option) => option.is_checked).map((option) => option.id);
  const chosen = context.choices.get(box.question_key) || (several ? ticked : ticked.slice(0, 1));
  const name = `${context.person}-${message.id}-${box.question_key}`;
  const list = h("fieldset", { class: "checks", disabled, "data-question": box.question_key, "data-mode": several ? "many" : "one" });
  const keep = () =>
    context.choices.set(box.question_key, [...list.querySelectorAll("input:checked")].map((input) => input.value));
  list.append(h("legend", { class: "unseen" }, message.card.main_title?.title || t("choose")));
  for (const option of box.option_list) {
    const input = h("input", {
      type: several ? "checkbox" : "radio", name, value: option.id, checked: chosen.includes(option.id), onchange: keep,
    });
    list.append(h("label", { class: "check" }, input, h("span", {}, option.text)));
  }
  return list;
}

function buttons(card, context, dead) {
  const list = card.submit_button ? [{ ...card.submit_button, text: card.submit_button.text || t("submit"), style: 1 }] : card.button_list || [];
  if (!list.length) return null;
  if (dead) {
    return h("div", { class: "buttons n1" }, h("button", { type: "button", class: "replaced", disabled: true, "data-testid": "replaced" }, card.replace_text));
  }
  return h("div", { class: `buttons n${list.length}` }, list.map((entry) => button(entry, context)));
}

function button(entry, context) {
  if (entry.type === 1) return link(entry.url, { class: `button s${entry.style || 1}`, title: t("opened") }, entry.text);
  const busy = context.busy === entry.key;
  return h(
    "button",
    {
      type: "button",
      class: `button s${entry.style || 1}`,
      "data-key": entry.key,
      "aria-busy": busy ? "true" : null,
      disabled: Boolean(context.busy),
      onclick: () => context.tap(entry.key),
    },
    entry.text,
  );
}
