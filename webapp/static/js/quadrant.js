// Draws aspects by how many speak of them and what goes with blame; a click brings their reviews.
"use strict";

(() => {
  function tip({ words }, point) {
    const box = document.createElement("div");
    box.className = "chart-tip";
    const name = document.createElement("b");
    name.textContent = point.name;
    box.append(name);
    for (const [label, value] of [[words.mentions, point.mentions], [words.effect, point.effect], [words.negative, `${Math.round(point.share * 100)}%`]]) {
      const row = document.createElement("div");
      for (const text of [label, value]) row.append(Object.assign(document.createElement("span"), { textContent: text }));
      box.append(row);
    }
    return box;
  }

  function option(data) {
    const text = { color: colour("ink-3"), fontSize: 11 };
    const counts = data.points.map((point) => point.mentions).sort((a, b) => a - b);
    const middle = counts[Math.floor(counts.length / 2)];
    const split = { lineStyle: { color: colour("line-strong"), type: "dashed" }, label: { show: false } };
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 44, right: 24, top: 28, bottom: 40 },
      tooltip: {
        trigger: "item", transitionDuration: 0, confine: true, borderWidth: 1, borderColor: colour("line"),
        backgroundColor: colour("surface"), textStyle: { color: colour("ink") }, formatter: (item) => tip(data, data.points[item.dataIndex]),
      },
      xAxis: { type: "log", name: data.words.mentions, nameLocation: "middle", nameGap: 24, nameTextStyle: text, axisLabel: text, splitLine: { show: false }, axisLine: { lineStyle: { color: colour("line-strong") } } },
      yAxis: { type: "value", name: data.words.effect, nameTextStyle: { ...text, align: "left", padding: [0, 0, 0, -34] }, axisLabel: text, splitLine: { lineStyle: { color: colour("grid") } } },
      series: [{
        type: "scatter", symbolSize: 12, data: data.points.map((point) => [point.mentions, point.effect]),
        itemStyle: { color: (item) => colour(item.value[1] < 0 ? "negative" : "neutral") },
        label: { show: true, position: "top", formatter: (item) => data.points[item.dataIndex].name, color: colour("ink-2"), fontSize: 12 },
        labelLayout: { hideOverlap: true },
        markLine: { silent: true, symbol: "none", ...split, data: [{ yAxis: 0 }, { xAxis: middle }] },
      }],
    };
  }

  function draw() {
    for (const holder of document.querySelectorAll("[data-quadrant]")) {
      const data = JSON.parse(document.getElementById(holder.dataset.quadrant).textContent);
      echarts.getInstanceByDom(holder)?.dispose();
      const drawn = echarts.init(holder);
      drawn.setOption(option(data));
      drawn.on("click", (item) => htmx.ajax("GET", holder.dataset.aboutUrl.replace("ASPECT", encodeURIComponent(data.points[item.dataIndex].category)), "#evidence"));
    }
  }

  addEventListener("DOMContentLoaded", draw);
  addEventListener("resize", () => document.querySelectorAll("[data-quadrant]").forEach((holder) => echarts.getInstanceByDom(holder)?.resize()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
