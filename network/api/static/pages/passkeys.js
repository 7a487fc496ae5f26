// Passkeys: the browser's authenticator answers the network's question, and the answer goes into the form.

const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"];

async function questionOf(form) {
  const answer = await fetch(form.dataset.question, { method: "POST", headers: { "X-CSRF-Token": token() } });
  if (!answer.ok) throw new Error("no question");
  return answer.json();
}

async function answered(form) {
  const question = await questionOf(form);
  if (question.go) { location.assign(question.go); return; }
  const make = form.dataset.passkey === "make";
  const key = make
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(question) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(question) });
  form.elements.answer.value = JSON.stringify(key.toJSON());
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const failed = form.querySelector(".problem");
    failed.hidden = true;
    answered(form).catch(() => { failed.hidden = false; });
  });
}
