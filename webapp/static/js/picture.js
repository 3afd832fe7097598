// Puts a button on every chart of the page that saves it as a PNG.
"use strict";

(() => {
  const { name, label } = document.currentScript.dataset;
  const CHARTS = "[data-chart], [data-quadrant], [data-lines]";

  function save(holder, title) {
    const drawn = echarts.getInstanceByDom(holder);
    if (!drawn) return;
    const link = document.createElement("a");
    link.href = drawn.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: colour("surface"), excludeComponents: ["dataZoom", "toolbox"] });
    link.download = `${title} ${name}.png`;
    link.click();
  }

  function button(holder) {
    const card = holder.closest(".card");
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button button-quiet button-small";
    made.dataset.picture = holder.id || holder.dataset.lines;
    made.textContent = label;
    made.addEventListener("click", () => save(holder, card.querySelector("h2").textContent.trim()));
    if (card.querySelectorAll(CHARTS).length === 1) card.querySelector(".card-head").append(made);
    else holder.after(made);
  }

  const add = () => document.querySelectorAll(`.card :is(${CHARTS}):not([data-saved])`).forEach((holder) => {
    holder.dataset.saved = "";
    button(holder);
  });
  addEventListener("DOMContentLoaded", add);
  addEventListener("htmx:afterSettle", add);
})();
