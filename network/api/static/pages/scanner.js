// Reads certificates at a till: a scanner that types, and the camera, which is loaded only when it is opened.

const READER = "/static/vendor/barcode-detector/ponyfill.js";
const WASM = "/static/vendor/zxing-wasm/zxing_reader.wasm";
const TYPED_MS = 60;
const TOKEN_LEAST = 64;

const field = () => document.querySelector("[data-scan] input");

function take(text) {
  const input = field();
  if (!input || !text) return;
  input.value = text;
  input.form.requestSubmit();
}

// A scanner types much faster than a hand and ends with Enter, wherever the cursor happens to stand.
let typed = "";
let last = 0;
let before = null;
document.addEventListener("keydown", (event) => {
  const quick = event.timeStamp - last < TYPED_MS;
  last = event.timeStamp;
  if (event.key === "Enter") {
    if (quick && typed.length >= TOKEN_LEAST) {
      event.preventDefault();
      const text = typed;
      const elsewhere = before && before.input !== field() ? before : null;
      typed = "";
      if (elsewhere) elsewhere.input.value = elsewhere.value;
      take(text);
    }
    typed = "";
    return;
  }
  if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!quick) {
    typed = "";
    before = event.target instanceof HTMLInputElement ? { input: event.target, value: event.target.value } : null;
  }
  typed += event.key;
}, true);

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
