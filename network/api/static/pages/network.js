// Says plainly when there is no network, and when it is back.

const banner = document.getElementById("offline");
let there = navigator.onLine;

export const isThere = () => there;

export function showNetwork(isThere) {
  if (banner) banner.hidden = isThere;
  if (isThere === there) return;
  there = isThere;
  document.dispatchEvent(new CustomEvent("pollen:network"));
}

addEventListener("offline", () => showNetwork(false));
addEventListener("online", () => showNetwork(true));
if (banner && !there) banner.hidden = false;
document.addEventListener("htmx:sendError", () => showNetwork(false));
document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.xhr.status) showNetwork(true); });
