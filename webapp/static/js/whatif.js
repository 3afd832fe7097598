// Ties each slider to its number and says when the change lies beyond what was seen. Without this the numbers do.
"use strict";

for (const field of document.querySelectorAll("[data-slider]")) {
  const range = field.querySelector("input[type=range]");
  const number = field.querySelector("input[type=number]");
  const beyond = field.querySelector(".slider-beyond");
  const look = () => {
    const value = Number(number.value);
    const { seenLow, seenHigh } = range.dataset;
    beyond.hidden = value === 0 || seenLow === undefined || (value >= Number(seenLow) - 0.5 && value <= Number(seenHigh) + 0.5);
  };
  range.hidden = false;
  range.addEventListener("input", () => { number.value = range.value; look(); });
  number.addEventListener("input", () => { range.value = number.value; look(); });
  look();
}
