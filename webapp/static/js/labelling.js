// Judging by keyboard: 1, 2, 3 for the review in turn, J and K to move.
"use strict";

const reviews = () => [...document.querySelectorAll("#queue [data-review]")];
let turn = 0;

function show(at) {
  const all = reviews();
  if (!all.length) return;
  turn = Math.max(0, Math.min(at, all.length - 1));
  all.forEach((review, place) => (place === turn ? review.setAttribute("aria-current", "true") : review.removeAttribute("aria-current")));
  all[turn].scrollIntoView({ block: "nearest" });
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  const move = { j: 1, k: -1 }[event.key.toLowerCase()];
  if (move) show(turn + move);
  const button = reviews()[turn]?.querySelectorAll(".relabel [name=label]")[Number(event.key) - 1];
  if (["1", "2", "3"].includes(event.key) && button) button.click();
});

// The judged review comes back changed in its place; the next one is in turn.
document.addEventListener("htmx:afterSwap", () => show(turn + 1));
document.addEventListener("DOMContentLoaded", () => show(0));
