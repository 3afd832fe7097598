// Draws any chart of lines and bars from its data, see webapp/pages/lines.py. Colours come from the style sheet.
"use strict";

const lineChart = (() => {
  const LEFT = 52;
  const TOP = 26;
  const MARK = 16; // room for what marks say, below the axis' name
  const GAP = 34;

  function number(value) {
    return value === null || value === undefined ? "—" : Number(value).toLocaleString("en-US", { maximumFractionDigits: 2 });
  }

  // The page's policy drops style attributes in markup, so the tooltip is made of elements with classes.
  function row(name, value) {
    const line = document.createElement("div");
    for (const text of [name, value]) {
      const cell = document.createElement("span");
      cell.textContent = text;
      line.append(cell);
    }
    return line;
  }

  function tooltip(data, at, shown) {
    const box = document.createElement("div");
    box.className = "chart-tip";
    const head = document.createElement("b");
    head.textContent = data.x[at];
    box.append(head);
    for (const one of data.series.filter((each) => shown(each.name) && each.data[at] !== null)) {
      box.append(row(one.name, number(one.data[at])));
      for (const band of one.bands.filter((each) => each.low[at] !== null)) {
        box.append(row(band.name, `${number(band.low[at])} – ${number(band.high[at])}`));
      }
    }
    return box;
  }

  function band(one, which, index) {
    const shared = {
      type: "line", name: one.name, stack: `${one.name} ${index}`, stackStrategy: "all", symbol: "none", silent: true,
      lineStyle: { opacity: 0 }, xAxisIndex: one.panel, yAxisIndex: one.panel, z: 1, itemStyle: { color: colour(one.tone) },
    };
    const opacity = index + 1 === one.bands.length ? 0.22 : 0.12;
    return [
      { ...shared, data: which.low },
      {
        ...shared,
        data: which.high.map((value, at) => (value === null || which.low[at] === null ? null : value - which.low[at])),
        areaStyle: { color: colour(one.tone), opacity },
      },
    ];
  }

  function curve(one, marks) {
    const shared = {
      name: one.name, data: one.data, xAxisIndex: one.panel, yAxisIndex: one.panel, z: 3,
      itemStyle: { color: colour(one.tone) }, markLine: marks,
    };
    if (one.kind === "bar") return { ...shared, type: "bar", barMaxWidth: 34 };
    const few = one.data.filter((value) => value !== null).length < 3;
    return {
      ...shared, type: "line", symbol: few ? "circle" : "none", connectNulls: false,
      lineStyle: { color: colour(one.tone), width: 1.8, type: one.dashed ? "dashed" : "solid" },
    };
  }

  function markLine(data) {
    if (!data.marks.length) return undefined;
    return {
      silent: true, symbol: "none", lineStyle: { color: colour("line-strong"), type: "dashed" },
      label: { color: colour("ink-3"), fontSize: 11, position: "end", distance: 4 },
      data: data.marks.map((mark) => ({ xAxis: mark.at, label: { formatter: mark.name } })),
    };
  }

  function axes(data, height) {
    const text = { color: colour("ink-3"), fontSize: 11 };
    const count = data.panels.length;
    const top = TOP + (data.marks.length ? MARK : 0);
    const from0 = (at) => data.series.some((one) => one.panel === at && one.kind === "bar");
    const room = (height - top - 26 - (data.zoom ? 34 : 0) - GAP * (count - 1)) / count;
    return {
      grid: data.panels.map((_, at) => ({ left: LEFT, right: 12, top: top + at * (room + GAP), height: room })),
      xAxis: data.panels.map((_, at) => ({
        type: "category", gridIndex: at, data: data.x, axisTick: { show: false },
        axisLine: { onZero: false, lineStyle: { color: colour("line-strong") } },
        axisLabel: { ...text, show: at + 1 === count, hideOverlap: true }, axisPointer: { label: { show: false } },
      })),
      yAxis: data.panels.map((name, at) => ({
        type: "value", gridIndex: at, name, scale: !from0(at), splitNumber: count > 1 ? 2 : 4,
        nameTextStyle: { ...text, align: "left", padding: [0, 0, 0, -LEFT + 10] }, nameGap: data.marks.length ? 8 + MARK : 8,
        axisLabel: text, splitLine: { lineStyle: { color: colour("grid") } },
      })),
    };
  }

  function option(data, height, shown) {
    const every = data.panels.map((_, at) => at);
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      legend: { show: false, selected: Object.fromEntries(data.series.map((one) => [one.name, shown(one.name)])) },
      axisPointer: { link: [{ xAxisIndex: "all" }], lineStyle: { color: colour("line-strong") } },
      tooltip: {
        trigger: "axis", transitionDuration: 0, confine: true, borderWidth: 1, borderColor: colour("line"),
        backgroundColor: colour("surface"), textStyle: { color: colour("ink") },
        formatter: (items) => tooltip(data, items[0].dataIndex, shown),
      },
      dataZoom: data.zoom ? [{ type: "inside", xAxisIndex: every, zoomOnMouseWheel: "ctrl" }, {
        type: "slider", xAxisIndex: every, height: 18, bottom: 4, left: LEFT, right: 12, brushSelect: false, showDetail: false,
        borderColor: colour("line"), fillerColor: "rgba(120,140,170,.18)", backgroundColor: "transparent",
        handleStyle: { color: colour("surface"), borderColor: colour("line-strong") }, moveHandleSize: 0,
      }] : [],
      ...axes(data, height),
      series: data.series.flatMap((one, at) => [...one.bands.flatMap((which, index) => band(one, which, index)), curve(one, at ? undefined : markLine(data))]),
    };
  }

  // The legend is made of buttons, so that the keyboard reaches it; they live in the holder's neighbour.
  function keys(holder, data) {
    const box = document.querySelector(`[data-keys="${holder.dataset.lines}"]`);
    if (box.childElementCount) return;
    for (const one of data.series) {
      const key = document.createElement("button");
      key.type = "button";
      key.className = `chart-key tone-${one.tone}`;
      key.dataset.name = one.name;
      key.setAttribute("aria-pressed", String(!one.off));
      key.append(document.createElement("i"), one.name);
      key.addEventListener("click", () => {
        key.setAttribute("aria-pressed", String(key.getAttribute("aria-pressed") !== "true"));
        echarts.getInstanceByDom(holder).dispatchAction({ type: "legendToggleSelect", name: one.name });
      });
      box.append(key);
    }
  }

  function draw(holder) {
    const data = JSON.parse(document.getElementById(holder.dataset.lines).textContent);
    const pressed = (name) => document.querySelector(`[data-keys="${holder.dataset.lines}"] [data-name="${CSS.escape(name)}"]`)?.getAttribute("aria-pressed") === "true";
    echarts.getInstanceByDom(holder)?.dispose();
    keys(holder, data);
    echarts.init(holder).setOption(option(data, holder.clientHeight, pressed));
  }

  const holders = (root = document) => root.querySelectorAll("[data-lines]");
  return { draw, holders };
})();

const drawLines = () => lineChart.holders().forEach(lineChart.draw);
document.addEventListener("DOMContentLoaded", drawLines);
document.addEventListener("htmx:afterSettle", (event) => lineChart.holders(event.target.parentNode).forEach((holder) => echarts.getInstanceByDom(holder) || lineChart.draw(holder)));
addEventListener("resize", () => lineChart.holders().forEach((holder) => echarts.getInstanceByDom(holder)?.resize()));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawLines);
