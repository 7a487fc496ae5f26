// What the page says, in three languages. A few words each: the till and the shop's people explain the rest.

export const words = {
  en: {
    language: "Language", at: "To spend at", last_day: "Last day", from: "From", smallest: "For a bill of at least",
    parts: "In parts", parts_yes: "yes, bit by bit", parts_no: "no, in one go", left: "Left",
    paper: "Whoever shows this code first uses it. Put it into your phone and it is yours alone: the paper or link it came from stops counting at that moment.",
    claim: "Put it into this phone", show: "Show this at the till", say: "or say this code",
    pass: "Pass it to a friend", pass_sure: "Your copy stops counting at once. Whoever opens the link first has the certificate.",
    pass_now: "Yes, make the link", back: "Back", passed: "Send this link to your friend", share: "Share the link",
    copy: "Copy the link", copied: "Copied", mine: "In this phone", again: "Try again", loading: "One moment",
    no_connection: "There is no connection right now. Nothing was changed.",
    empty: "No certificates yet. Scan the code on one that you were given.",
    gift: "A certificate for you", yours: "It is in your phone now",
    states: { active: "until {day}", redeemed: "used", expired: "its time is over", revoked: "cancelled", passed_on: "passed on, not opened yet", taken: "passed on and opened" },
    codes: {
      certificate_claimed: "This one was already put into a phone, so this code no longer counts.",
      certificate_passed_on: "This one was passed on to somebody, so this code no longer counts.",
      certificate_redeemed: "This certificate was already used.", certificate_expired: "The last day of this certificate is over.",
      certificate_revoked: "This certificate was cancelled.", certificate_already_held: "This certificate is already in a phone.",
      too_many_tries: "That was a lot of tries. Please wait a few minutes.", not_transferable: "This certificate cannot be passed on.",
      merchant_not_admitted: "This shop does not take certificates at present.", other: "This is not a certificate of ours, or the link is not complete. Scan the code again.",
    },
  },
  lv: {
    language: "Valoda", at: "Izmantojams", last_day: "Pēdējā diena", from: "No", smallest: "Rēķinam vismaz",
    parts: "Pa daļām", parts_yes: "jā, pamazām", parts_no: "nē, vienā reizē", left: "Atlikums",
    paper: "Kodu izmanto tas, kurš to parāda pirmais. Ielieciet to savā tālrunī, un tas ir tikai jūsu: papīrs vai saite, no kuras tas nācis, tajā brīdī zaudē spēku.",
    claim: "Ielikt šajā tālrunī", show: "Parādiet to pie kases", say: "vai nosauciet šo kodu",
    pass: "Nodot draugam", pass_sure: "Jūsu kopija uzreiz zaudē spēku. Sertifikāts pieder tam, kurš pirmais atver saiti.",
    pass_now: "Jā, izveidot saiti", back: "Atpakaļ", passed: "Nosūtiet šo saiti draugam", share: "Kopīgot saiti",
    copy: "Kopēt saiti", copied: "Nokopēts", mine: "Šajā tālrunī", again: "Mēģināt vēlreiz", loading: "Acumirkli",
    no_connection: "Pašlaik nav savienojuma. Nekas netika mainīts.",
    empty: "Sertifikātu vēl nav. Noskenējiet kodu uz sertifikāta, ko saņēmāt.",
    gift: "Sertifikāts jums", yours: "Tagad tas ir jūsu tālrunī",
    states: { active: "līdz {day}", redeemed: "izmantots", expired: "termiņš beidzies", revoked: "atcelts", passed_on: "nodots, vēl nav atvērts", taken: "nodots un atvērts" },
    codes: {
      certificate_claimed: "Šis jau ir ielikts kādā tālrunī, tāpēc šis kods vairs nav derīgs.",
      certificate_passed_on: "Šis ir nodots kādam citam, tāpēc šis kods vairs nav derīgs.",
      certificate_redeemed: "Šis sertifikāts jau ir izmantots.", certificate_expired: "Šī sertifikāta pēdējā diena ir pagājusi.",
      certificate_revoked: "Šis sertifikāts ir atcelts.", certificate_already_held: "Šis sertifikāts jau ir kādā tālrunī.",
      too_many_tries: "Pārāk daudz mēģinājumu. Lūdzu, pagaidiet dažas minūtes.", not_transferable: "Šo sertifikātu nevar nodot tālāk.",
      merchant_not_admitted: "Šis veikals pašlaik sertifikātus nepieņem.", other: "Tas nav mūsu sertifikāts, vai arī saite nav pilna. Noskenējiet kodu vēlreiz.",
    },
  },
  ru: {
    language: "Язык", at: "Можно потратить в", last_day: "Последний день", from: "От", smallest: "При счёте не меньше",
    parts: "По частям", parts_yes: "да, понемногу", parts_no: "нет, за один раз", left: "Осталось",
    paper: "Кодом пользуется тот, кто покажет его первым. Уберите его в свой телефон, и он только ваш: бумага или ссылка, откуда он пришёл, в этот миг перестаёт действовать.",
    claim: "Убрать в этот телефон", show: "Покажите это на кассе", say: "или назовите этот код",
    pass: "Передать другу", pass_sure: "Ваша копия сразу перестанет действовать. Сертификат получит тот, кто первым откроет ссылку.",
    pass_now: "Да, сделать ссылку", back: "Назад", passed: "Отправьте эту ссылку другу", share: "Поделиться ссылкой",
    copy: "Скопировать ссылку", copied: "Скопировано", mine: "В этом телефоне", again: "Попробовать снова", loading: "Одну минуту",
    no_connection: "Сейчас нет связи. Ничего не изменилось.",
    empty: "Сертификатов пока нет. Отсканируйте код на том, который вам дали.",
    gift: "Сертификат для вас", yours: "Теперь он в вашем телефоне",
    states: { active: "до {day}", redeemed: "использован", expired: "срок истёк", revoked: "отменён", passed_on: "передан, ещё не открыт", taken: "передан и открыт" },
    codes: {
      certificate_claimed: "Его уже убрали в телефон, поэтому этот код больше не действует.",
      certificate_passed_on: "Его передали другому, поэтому этот код больше не действует.",
      certificate_redeemed: "Этот сертификат уже использован.", certificate_expired: "Последний день этого сертификата прошёл.",
      certificate_revoked: "Этот сертификат отменён.", certificate_already_held: "Этот сертификат уже в чьём-то телефоне.",
      too_many_tries: "Слишком много попыток. Подождите, пожалуйста, несколько минут.", not_transferable: "Этот сертификат нельзя передать.",
      merchant_not_admitted: "Этот магазин сейчас не принимает сертификаты.", other: "Это не наш сертификат, или ссылка неполная. Отсканируйте код ещё раз.",
    },
  },
};

export function chosenLanguage() {
  const kept = localStorage.getItem("pollen.language");
  const wanted = [kept, ...navigator.languages].map((tag) => String(tag).slice(0, 2));
  return wanted.find((tag) => tag in words) ?? "en";
}
