// Puts another main part on the screen, as a new page would.

export function showMain(main, { title, bodyClass } = {}) {
  if (title !== undefined) document.title = title;
  if (bodyClass !== undefined) document.body.className = bodyClass;
  document.getElementById("main").replaceWith(main);
  globalThis.htmx?.process(main);
  scrollTo(0, 0);
  (main.querySelector(".answer") ?? main.querySelector("[aria-invalid]") ?? main.querySelector("[autofocus]") ?? main).focus();
  document.dispatchEvent(new CustomEvent("pollen:shown"));
}
