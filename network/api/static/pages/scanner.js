// Reads certificates at a till: a scanner that types, and the camera, which is loaded only when it is opened.

const READER = "/static/vendor/barcode-detector/ponyfill.js";
const WASM = "/static/vendor/zxing-wasm/zxing_reader.wasm";
const PAUSE_MS = 1500;
const TOKEN_LEAST = 64;
// The link with its token, or what a wrong keyboard layout made of it.
const scannedIn = (text) => /https?:\/\/\S{64,}$/i.exec(text) ?? /\S{64,}$/.exec(text);

const field = () => document.querySelector("[data-scan] input");
const BROUGHT = "pollen.scanned";

// On a page that takes no certificates, a scan leads to the one that does, where the bill is asked for.
function take(text) {
  const input = field();
  if (!input) {
    sessionStorage.setItem(BROUGHT, text);
    location.assign("/till/redeem");
    return;
  }
  input.value = text;
  input.form.requestSubmit();
}

// A scanner types without a pause and ends with Enter, wherever the cursor happens to stand; no hand types 64 signs so.
let typed = "";
let last = 0;
let before = null;
document.addEventListener("keydown", (event) => {
  const goesOn = event.timeStamp - last < PAUSE_MS;
  last = event.timeStamp;
  if (event.key === "Enter") {
    const scanned = goesOn ? scannedIn(typed) : null;
    const hand = scanned ? typed.slice(0, scanned.index) : "";
    typed = "";
    if (!scanned) return;
    event.preventDefault();
    if (before && before.input !== field()) before.input.value = before.value + hand;
    take(scanned[0]);
    return;
  }
  if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!goesOn) typed = "";
  if (!typed) before = event.target instanceof HTMLInputElement ? { input: event.target, value: event.target.value } : null;
  typed += event.key;
}, true);

// What stands in it was refused already: who types another code need not take it away first.
document.addEventListener("focusin", (event) => {
  if (event.target === field()) event.target.select();
});

if (field() && sessionStorage.getItem(BROUGHT)) {
  field().value = sessionStorage.getItem(BROUGHT);
  sessionStorage.removeItem(BROUGHT);
}

let stream = null;

function closeCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
}

async function openCamera(scan) {
  const video = scan.querySelector("video");
  const [{ BarcodeDetector, prepareZXingModule }] = await Promise.all([
    import(READER),
    navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } }).then((opened) => (stream = opened)),
  ]);
  prepareZXingModule({ overrides: { locateFile: () => WASM } });
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  scan.querySelector(".camera").hidden = false;
  video.srcObject = stream;
  await video.play();
  while (stream && video.isConnected) {
    const [found] = await detector.detect(video);
    if (found && found.rawValue.length >= TOKEN_LEAST) {
      closeCamera();
      scan.querySelector(".camera").hidden = true;
      navigator.vibrate?.(60);
      performance.mark("pollen-scanned");
      take(found.rawValue);
      return;
    }
    await new Promise((resume) => requestAnimationFrame(resume));
  }
  closeCamera();
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-camera]")) return;
  const scan = event.target.closest("[data-scan]");
  scan.querySelector("[data-no-camera]").hidden = true;
  openCamera(scan).catch(() => {
    closeCamera();
    scan.querySelector("[data-no-camera]").hidden = false;
  });
});
addEventListener("pagehide", closeCamera);
