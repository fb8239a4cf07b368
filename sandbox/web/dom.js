// Builds elements. Data only ever becomes text or an attribute, never markup.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child);
  }
  return element;
}

const SHAPES = {
  more: "M5 12h.01M12 12h.01M19 12h.01",
  next: "m9 6 6 6-6 6",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  clip: "M8 12.500 14.500 6a3.500 3.500 0 0 1 5 5L11 19.500a5.500 5.500 0 0 1-8-8L11 4",
  menu: "M4 7h16M4 12h16M4 17h16",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 20c1-4 4-6 8-6s7 2 8 6",
  place: "M12 21c5-5 7-8 7-11a7 7 0 1 0-14 0c0 3 2 6 7 11ZM12 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  file: "M7 3h7l5 5v13H7zM14 3v5h5",
  sound: "M5 10v4h3l4 4V6L8 10zM16 9a4 4 0 0 1 0 6M18.500 6.500a8 8 0 0 1 0 11",
  film: "M4 6h16v12H4zM10 9.500v5l4.500-2.500z",
};

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

// Only web addresses become links; anything else stays plain text.
export function link(url, attributes, ...children) {
  if (!/^https?:\/\//i.test(url || "")) return h("span", { class: attributes.class }, ...children);
  return h("a", { ...attributes, href: url, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

export async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const data = await response.json();
  if (!response.ok) throw new Error(data.error || response.statusText);
  return data;
}

export function toast(text) {
  const line = h("p", { class: "toast" }, text);
  document.getElementById("toasts").replaceChildren(line); // one at a time: the newest is what matters
  setTimeout(() => line.remove(), 4000);
}
