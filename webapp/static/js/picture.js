// Puts a button on every chart of the page that saves it as a PNG.
"use strict";

(() => {
  const { name, label } = document.currentScript.dataset;
  const CHARTS = "[data-chart], [data-quadrant], [data-lines]";

  const SCALE = 2;
  const LINE = 22;
  const FONT = 13;

  // The names of lines are buttons beside the chart, which a picture of the chart alone would leave out.
  function keys(holder) {
    const pressed = document.querySelectorAll(`[data-keys="${holder.dataset.lines}"] [aria-pressed="true"]`);
    return [...pressed].map((key) => [key.textContent, getComputedStyle(key.querySelector("i")).backgroundColor]);
  }

  // Writes the title, and below it the names, as many to a line as fit; returns how high that is.
  function head(pen, width, title, named) {
    pen.font = `600 ${FONT}px ${getComputedStyle(document.body).fontFamily}`;
    pen.fillStyle = colour("ink");
    pen.fillText(title, 10, LINE - 6);
    pen.font = pen.font.replace("600", "400");
    let [across, down] = [10, 2 * LINE - 6];
    for (const [name, tone] of named) {
      const wide = 18 + pen.measureText(name).width + 16;
      if (across > 10 && across + wide > width) [across, down] = [10, down + LINE];
      pen.fillStyle = tone;
      pen.fillRect(across, down - 9, 12, 9);
      pen.fillStyle = colour("ink");
      pen.fillText(name, across + 18, down);
      across += wide;
    }
    return named.length ? down + 10 : LINE + 4;
  }

  function pen(canvas) {
    const made = canvas.getContext("2d");
    made.scale(SCALE, SCALE);
    return made;
  }

  async function save(holder, title) {
    const drawn = echarts.getInstanceByDom(holder);
    if (!drawn) return;
    const chart = new Image();
    chart.src = drawn.getDataURL({ type: "png", pixelRatio: SCALE, backgroundColor: colour("surface"), excludeComponents: ["dataZoom", "toolbox"] });
    await chart.decode();
    const [width, height] = [chart.width / SCALE, chart.height / SCALE];
    const sheet = document.createElement("canvas");
    const top = head(pen(sheet), width, title, keys(holder));
    sheet.width = chart.width;
    sheet.height = (top + height) * SCALE;
    const on = pen(sheet);
    on.fillStyle = colour("surface");
    on.fillRect(0, 0, width, top + height);
    head(on, width, title, keys(holder));
    on.drawImage(chart, 0, top, width, height);
    const link = document.createElement("a");
    link.href = sheet.toDataURL("image/png");
    link.download = `${title}.png`;
    link.click();
  }

  function button(holder) {
    const card = holder.closest(".card");
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button button-quiet button-small";
    made.dataset.picture = holder.id || holder.dataset.lines;
    made.textContent = label;
    const alone = card.querySelectorAll(CHARTS).length === 1;
    const about = [card.querySelector("h2").textContent.trim(), alone ? "" : holder.getAttribute("aria-label"), name];
    made.addEventListener("click", () => save(holder, about.filter(Boolean).join(" ")));
    if (alone) card.querySelector(".card-head").append(made);
    else holder.after(made);
  }

  const add = () => document.querySelectorAll(`.card :is(${CHARTS}):not([data-saved])`).forEach((holder) => {
    holder.dataset.saved = "";
    button(holder);
  });
  addEventListener("DOMContentLoaded", add);
  addEventListener("htmx:afterSettle", add);
})();
