// Keeps what is typed in a form with data-typed="name" while the tab is open: a session that ends in the middle, or a
// page that is closed by mistake, costs no word. It stays in this tab and is sent nowhere.
//   data-typed     names the text, and the edition that it was begun on: another one has another name
//   data-kept      the page came back with what was typed: there is nothing to bring back
//   #typed-back    shown when something was brought back; its button takes the page's own text again
"use strict";

const form = document.querySelector("form[data-typed]");
if (form) {
  const name = `typed:${form.dataset.typed}`;
  const fields = [...form.elements].filter(
    (field) => field.name && !["csrf", "counter", "seen", "guid"].includes(field.name)
      && /^(textarea|text|search|url|date|select-one)$/.test(field.type),
  );
  const typed = () => JSON.stringify(fields.map((field) => [field.name, field.value]));
  const own = typed();
  const kept = sessionStorage.getItem(name);
  const note = document.getElementById("typed-back");

  if (kept && kept !== own && !("kept" in form.dataset)) {
    const values = new Map(JSON.parse(kept));
    for (const field of fields) if (values.has(field.name)) field.value = values.get(field.name);
    if (note) note.hidden = false;
  }
  note?.querySelector("button")?.addEventListener("click", () => {
    sessionStorage.removeItem(name);
    form.reset();
    note.hidden = true;
  });

  let waiting = 0;
  const keep = () => {
    const now = typed();
    try {
      if (now === own) sessionStorage.removeItem(name);
      else sessionStorage.setItem(name, now);
    } catch {
      // The tab has no room left: typing goes on as without this file.
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(keep, 300);
  });
  form.addEventListener("submit", keep);
}
