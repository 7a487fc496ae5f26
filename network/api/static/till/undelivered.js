// A device that is no till any more, or not yet again, says what it still has to deliver.

import { all, isWaiting } from "./receipts.js";
import { filled } from "./shell.js";
import { isPossible } from "./store.js";

const note = document.querySelector("[data-undelivered]");
const count = note && isPossible() ? (await all()).filter(isWaiting).length : 0;
if (count) {
  note.textContent = filled(note.textContent, { count: String(count) });
  note.hidden = false;
}
