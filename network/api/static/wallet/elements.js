// Elements, made of text alone: whatever comes from elsewhere can never become markup.

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export const card = (...children) => element("div", { class: "card" }, ...children);
export const note = (text) => element("p", { class: "note" }, text);
export const small = (text) => element("p", { class: "small" }, text);
export const button = (text, onclick, kind = "") => element("button", { type: "button", class: kind, onclick }, text);

const SVG = "http://www.w3.org/2000/svg";

// A picture of modules: `side` with its quiet zone, `path` its strokes. White is drawn, for dark pages.
export function symbol(side, path, label) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", `0 0 ${side} ${side}`);
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", label);
  for (const [fill, stroke, d] of [["#fff", "none", `M0 0h${side}v${side}H0z`], ["none", "#000", path]]) {
    const drawn = document.createElementNS(SVG, "path");
    for (const [name, value] of Object.entries({ fill, stroke, d, "shape-rendering": "crispEdges" })) drawn.setAttribute(name, value);
    picture.append(drawn);
  }
  return picture;
}
