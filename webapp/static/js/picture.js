// Puts a button beside every chart of the page that saves it as a PNG.
"use strict";

(() => {
  const { pictureName, pictureLabel } = document.getElementById("exports").dataset;

  function save(holder, title) {
    const drawn = echarts.getInstanceByDom(holder);
    if (!drawn) return;
    const backgroundColor = getComputedStyle(document.documentElement).getPropertyValue("--surface").trim();
    const link = document.createElement("a");
    link.href = drawn.getDataURL({ type: "png", pixelRatio: 2, backgroundColor, excludeComponents: ["dataZoom", "toolbox"] });
    link.download = `${title} ${pictureName}.png`;
    link.click();
  }

  function button(holder) {
    const card = holder.closest(".card");
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button button-quiet button-small";
    made.dataset.picture = "";
    made.textContent = pictureLabel;
    made.addEventListener("click", () => save(holder, card.querySelector("h2").textContent.trim()));
    card.querySelector(".card-head").append(made);
  }

  document.querySelectorAll(".card [data-chart]").forEach(button);
})();
