// Draws the chart of the report and brings the reviews of a clicked day beside it.
"use strict";

function draw(holder) {
  const data = JSON.parse(document.getElementById(holder.dataset.chart).textContent);
  if (!data.days.length) return;
  const drawn = echarts.init(holder);
  const visible = () => {
    const { startValue, endValue } = drawn.getOption()?.dataZoom?.[0] ?? {};
    return Number.isInteger(startValue) ? endValue - startValue : data.days.length - Math.max(0, data.days.indexOf(data.from));
  };
  drawn.setOption(trendChart.option(data, visible(), drawn.getWidth()));
  drawn.on("datazoom", () => drawn.setOption({ series: [{ name: data.words.units, markArea: trendChart.areas(data, visible(), drawn.getWidth()) }] }));
  drawn.getZr().on("click", (event) => {
    const point = [event.offsetX, event.offsetY];
    const grid = [0, 1].find((gridIndex) => drawn.containPixel({ gridIndex }, point));
    if (grid === undefined) return;
    const at = Math.round(drawn.convertFromPixel({ xAxisIndex: grid, yAxisIndex: grid }, point)[0]);
    if (data.days[at]) htmx.ajax("GET", holder.dataset.dayUrl.replace("DAY", data.days[at]), "#evidence");
  });
}

const holders = () => document.querySelectorAll("[data-chart]");

function redraw() {
  for (const holder of holders()) {
    echarts.getInstanceByDom(holder)?.dispose();
    draw(holder);
  }
}

document.addEventListener("DOMContentLoaded", redraw);
addEventListener("resize", () => holders().forEach((holder) => echarts.getInstanceByDom(holder)?.resize()));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
