// What the console does beyond plain pages. Everything works without it:
//   data-confirm   asks before what cannot be undone
//   data-key       a letter that presses the link, button or folded decision; only where no field has the focus
//   data-all       a box that ticks all boxes of its form with that name
// A form is sent once, however often its button is pressed.
"use strict";

document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  const form = event.target;
  if (form.method === "post") {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    window.setTimeout(() => delete form.dataset.sent, 3000); // a form that fetches a file leaves its page standing
  }
});

// A page that the browser kept (back button) can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

const typing = (element) => element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = event.target.closest?.("details[open]") ?? document.querySelector("details.menu[open], dialog[open]");
    if (open?.tagName === "DETAILS") {
      open.open = false;
      open.querySelector("summary").focus();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(event.target)) return;
  const key = event.key.toLowerCase();
  const found = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === key);
  if (!found) return;
  event.preventDefault();
  found.click();
  if (found.tagName === "SUMMARY" && found.parentElement.open) {
    (found.parentElement.querySelector("textarea, select, input:not([type=hidden])") ?? found).focus();
  }
});

// A menu closes when something else is touched.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("change", (event) => {
  const name = event.target.dataset?.all;
  if (!name) return;
  for (const box of event.target.form.elements) {
    if (box.name === name && !box.disabled) box.checked = event.target.checked;
  }
});
