// What a refusal means to a guest, in plain words. Times are told in the guest's own.

import { _, moment } from "./words.js";

const NOT_OURS = /^(token_.*|certificate_not_found|certificate_copy_unknown|coalition_not_found|route_not_found|invalid_request|other)$/;

export function why(code, facts = {}) {
  const at = (name) => (facts[name] ? moment(facts[name]) : "");
  switch (code) {
    case "certificate_claimed": return _("This one was put into a phone on {at}, so this code no longer counts.", { at: at("claimed_at") });
    case "certificate_rebound": return _("The phone that holds it made a new code on {at}, so this one no longer counts.", { at: at("rebound_at") });
    case "certificate_passed_on": return _("This one was passed on to somebody on {at}, so this code no longer counts.", { at: at("passed_on_at") });
    case "certificate_printed": return _("This one was printed on paper on {at}, so this code no longer counts.", { at: at("printed_at") });
    case "certificate_redeemed": return _("This certificate was already used on {at}.", { at: at("redeemed_at") });
    case "certificate_expired": return _("The last day of this certificate is over.");
    case "certificate_revoked": return _("This certificate was cancelled on {at}.", { at: at("revoked_at") });
    case "certificate_already_held": case "token_proof_missing": return _("This certificate is already in a phone. Only that phone can show it or pass it on.");
    case "too_many_tries": return _("That was a lot of tries. Please wait a few minutes.");
    case "not_transferable": return _("This certificate cannot be passed on.");
    case "merchant_not_admitted": return _("This shop does not take certificates at present.");
    case "not_the_holder": return _("This certificate is not in this phone any more.");
    case "credential_unknown": return _("These certificates were moved to another phone, or deleted.");
    case "credential_missing": return _("This browser has lost its way into your certificates. A recovery code brings them back.");
    case "recovery_code_unknown": return _("This recovery code does not fit. Compare it letter by letter; an older one no longer counts.");
    case "invalid_contact": return _("Write an e-mail address, or a phone number with its country, such as +371 20 000 000.");
    case "channel_missing": return _("No messages can be sent to such an address from here.");
    case "message_not_sent": return _("The message could not be sent. Look at the address, or try again later.");
    case "contact_code_unknown": return _("This code does not fit, or its time is over. Ask for a new one.");
    case "consent_text_changed": return _("The text has changed since this page was opened. Open it again.");
    default: return NOT_OURS.test(code)
      ? _("This is not a certificate of ours, or the link is not complete. Scan the code again.")
      : _("This did not work. Go back, and try again.");
  }
}
