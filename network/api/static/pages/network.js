// Says plainly when there is no network, and when it is back.

const banner = document.getElementById("offline");

export function showNetwork(isThere) {
  if (banner) banner.hidden = isThere;
}

addEventListener("offline", () => showNetwork(false));
addEventListener("online", () => showNetwork(true));
if (!navigator.onLine) showNetwork(false);
document.addEventListener("htmx:sendError", () => showNetwork(false));
document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.xhr.status) showNetwork(true); });
