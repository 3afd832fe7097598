// A file dropped anywhere on the page goes into the field of the form, as if it had been chosen.
"use strict";

function hold(page) {
  const field = page.querySelector("input[type=file]");
  const told = page.querySelector("[data-dropped]");
  const holdsFile = (event) => event.dataTransfer?.types.includes("Files");
  let inside = 0; // enter and leave come for every element below the pointer

  const show = (on) => page.classList.toggle("drop-over", on);
  const tell = () => { told.textContent = field.files.length ? field.files[0].name : ""; };
  addEventListener("dragenter", (event) => { if (holdsFile(event)) show(++inside > 0); });
  addEventListener("dragleave", (event) => { if (holdsFile(event)) show(--inside > 0); });
  addEventListener("dragover", (event) => { if (holdsFile(event)) event.preventDefault(); });
  addEventListener("drop", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    show(Boolean(inside = 0));
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    field.files = one.files;
    tell();
    field.form.querySelector("button").focus();
  });
  field.addEventListener("change", tell);
}

document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-drop]").forEach(hold));
