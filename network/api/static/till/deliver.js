// Brings the network what was taken without it. A receipt is delivered when the network says what it makes of it; until
// then it stays and is sent again. The network knows each by till and number, so twice sent is once done.

import { b64u } from "./bytes.js";
import { NoNetwork, Refused, post } from "./network.js";
import { all, isWaiting } from "./receipts.js";
import * as store from "./store.js";

const AT_ONCE = 40; // the network takes 50, and each is a few hundred bytes

// How many were answered now; throws NoNetwork or Refused and leaves what has no answer as it is.
export const deliver = () => navigator.locks.request("pollen-till-deliver", { ifAvailable: true }, async (mine) => {
  if (!mine) return 0;
  let answered = 0;
  for (const journal of journalsOf((await all()).filter(isWaiting))) {
    try {
      answered += await deliverJournal(journal);
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem; // of another shop: it waits here, and holds up nothing else
    }
  }
  return answered;
});

// Each key is one chain, and goes in its order.
function journalsOf(receipts) {
  const journals = new Map();
  for (const one of receipts) journals.set(one.kid, [...(journals.get(one.kid) ?? []), one]);
  return [...journals.values()].map((journal) => journal.sort((a, b) => a.sequence - b.sequence));
}

async function deliverJournal(journal) {
  let answered = 0;
  for (let from = 0; from < journal.length; from += AT_ONCE) {
    const sent = journal.slice(from, from + AT_ONCE);
    const done = await deliverSome(sent);
    answered += done;
    if (done < sent.length) break; // this journal waits for its owner, and what comes after would wait too
  }
  return answered;
}

async function deliverSome(sent) {
  const by = sent.map(({ kid, sequence, person, shift, taken_at }) => ({ kid, sequence, person, shift, taken_at }));
  const facts = await post("/till/receipts", {
    till_id: sent[0].till, receipts: sent.map((one) => b64u(one.bytes)).join(" "), by: JSON.stringify(by), delivery_id: crypto.randomUUID(),
  });
  if (facts.receipts?.length !== sent.length) throw new NoNetwork();
  await store.keep("blocked", (facts.till?.journals ?? []).find((one) => one.blocked)?.blocked ?? null);
  let answered = 0;
  for (const [at, answer] of facts.receipts.entries()) {
    if (answer.status === "waiting") continue;
    await store.put("receipts", { ...sent[at], answer: told(answer) });
    answered += 1;
  }
  return answered;
}

const told = ({ status, code, borne_by, breaches, redemption_id }) => ({ status, code, borne_by, breaches, redemption_id });
