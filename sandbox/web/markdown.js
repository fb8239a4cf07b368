// The subset of Markdown that WeCom draws (path/90236): headers, bold, links, one-line code, quotes, three colours.

import { h, link } from "./dom.js";

const INLINE = /\*\*(.+?)\*\*|\[([^\]]*)\]\(([^)\s]+)\)|`([^`]+)`|<font color="(info|comment|warning)">(.*?)<\/font>/;

function inline(text) {
  const nodes = [];
  let rest = text;
  for (let hit = INLINE.exec(rest); hit; hit = INLINE.exec(rest)) {
    if (hit.index) nodes.push(rest.slice(0, hit.index));
    if (hit[1] !== undefined) nodes.push(h("strong", {}, inline(hit[1])));
    else if (hit[3] !== undefined) nodes.push(link(hit[3], {}, inline(hit[2])));
    else if (hit[4] !== undefined) nodes.push(h("code", {}, hit[4]));
    else nodes.push(h("span", { class: `font-${hit[5]}` }, inline(hit[6])));
    rest = rest.slice(hit.index + hit[0].length);
  }
  if (rest) nodes.push(rest);
  return nodes;
}

export function markdown(text) {
  const root = h("div", { class: "markdown" });
  let quote = null;
  for (const line of text.split("\n")) {
    const quoted = /^>\s?(.*)$/.exec(line);
    if (quoted) {
      quote ??= root.appendChild(h("blockquote"));
      quote.append(h("p", {}, inline(quoted[1])));
      continue;
    }
    quote = null;
    const header = /^(#{1,6})\s+(.*)$/.exec(line);
    if (header) root.append(h("p", { class: `h${header[1].length}`, role: "heading", "aria-level": header[1].length + 2 }, inline(header[2])));
    else root.append(h("p", { class: line.trim() ? null : "blank" }, inline(line)));
  }
  return root;
}

// Plain text messages know one element: <a href="…">…</a>.
export function plain(text) {
  const root = h("div", { class: "words" });
  const pattern = /<a\s+href=["']([^"']+)["'][^>]*>(.*?)<\/a>/i;
  let rest = text;
  for (let hit = pattern.exec(rest); hit; hit = pattern.exec(rest)) {
    root.append(rest.slice(0, hit.index), link(hit[1], {}, hit[2]));
    rest = rest.slice(hit.index + hit[0].length);
  }
  root.append(rest);
  return root;
}
