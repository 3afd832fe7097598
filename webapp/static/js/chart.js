// Builds the main chart's option from the report's data. Colours come from the style sheet, so both schemes fit.
"use strict";

const trendChart = (() => {
  const LABEL_FESTIVALS_BELOW = 150; // days in view
  const SENTIMENTS = ["positive", "neutral", "negative"];

  function number(value) {
    return value === null || value === undefined ? "—" : Number(value).toLocaleString("en-US", { maximumFractionDigits: 1 });
  }

  // The page's policy drops style attributes in markup, so the tooltip is made of elements with classes.
  function line(name, value) {
    const row = document.createElement("div");
    for (const text of [name, value]) {
      const cell = document.createElement("span");
      cell.textContent = text;
      row.append(cell);
    }
    return row;
  }

  function tooltip(data, at) {
    const box = document.createElement("div");
    box.className = "chart-tip";
    const day = document.createElement("b");
    day.textContent = data.days[at];
    box.append(day);
    for (const mark of data.marks.filter((m) => m.first <= data.days[at] && data.days[at] <= m.last)) {
      const name = document.createElement("span");
      name.className = "chart-tip-mark";
      name.textContent = mark.name;
      box.append(name);
    }
    const { words } = data;
    if (data.stockouts.some(([first, last]) => first <= data.days[at] && data.days[at] <= last)) {
      const empty = document.createElement("span");
      empty.className = "chart-tip-mark";
      empty.textContent = words.stockout;
      box.append(empty);
    }
    const priced = data.prices.find((change) => change.day === data.days[at]);
    if (priced) box.append(line(words.price, `${number(priced.before)} → ${number(priced.now)}`));
    if (data.units[at] !== null) box.append(line(words.units, number(data.units[at])));
    if (data.forecast[at] !== null) {
      box.append(line(words.forecast, number(data.forecast[at])));
      for (const level of ["80", "95"]) {
        const low = data.bands[`lo-${level}`]?.[at];
        if (low !== null && low !== undefined) {
          box.append(line(words[`band${level}`], `${number(low)} – ${number(data.bands[`hi-${level}`][at])}`));
        }
      }
    }
    for (const label of SENTIMENTS) {
      if (data[label][at] !== null) box.append(line(words[label], number(data[label][at])));
    }
    return box;
  }

  function band(data, level, opacity) {
    const low = data.bands[`lo-${level}`];
    if (!low) return [];
    const high = data.bands[`hi-${level}`];
    const shared = { type: "line", stack: `band${level}`, symbol: "none", silent: true, lineStyle: { opacity: 0 }, z: 1 };
    return [
      { ...shared, data: low },
      {
        ...shared,
        name: data.words[`band${level}`],
        data: high.map((value, at) => (value === null ? null : value - low[at])),
        itemStyle: { color: colour("forecast"), opacity },
        areaStyle: { color: colour("forecast"), opacity },
      },
    ];
  }

  // Names the events that sold most and drops those whose name would lie on another's.
  function named(data, marked, visibleDays, width) {
    const reach = (mark) => {
      const pixels = [...mark.name].reduce((sum, letter) => sum + (letter > "\u2e7f" ? 12 : 7), 10);
      const middle = (data.days.indexOf(mark.first) + data.days.indexOf(mark.last)) / 2;
      const half = ((pixels / 2) * visibleDays) / width;
      return [middle - half, middle + half];
    };
    const peak = (mark) => Math.max(...data.units.slice(data.days.indexOf(mark.first), data.days.indexOf(mark.last) + 1).map(Number));
    const kept = new Map();
    for (const mark of [...marked].sort((a, b) => peak(b) - peak(a))) {
      const [left, right] = reach(mark);
      if ([...kept.values()].every(([from, to]) => right < from || to < left)) kept.set(mark, [left, right]);
    }
    return kept;
  }

  function areas(data, visibleDays, width) {
    const marked = data.marks.filter((m) => m.kind === "promotion" || (m.kind === "festival" && visibleDays < LABEL_FESTIVALS_BELOW));
    const shown = named(data, marked, visibleDays, width);
    const events = marked.map((mark) => [
      {
        xAxis: mark.first,
        name: shown.has(mark) ? mark.name : "",
        itemStyle: { color: colour("event"), opacity: mark.kind === "promotion" ? 0.16 : 0.08 },
        label: { color: colour("ink-3"), fontSize: 11, position: "insideTop", distance: 4 },
      },
      { xAxis: mark.last },
    ]);
    const stockouts = data.stockouts.map(([first, last]) => [
      {
        xAxis: first,
        name: data.words.stockout,
        itemStyle: { color: colour("negative"), opacity: 0.12 },
        label: { color: colour("negative"), fontSize: 11, position: "insideBottom" },
      },
      { xAxis: last },
    ]);
    return { silent: true, data: [...events, ...stockouts] };
  }

  function axes(data) {
    const text = { color: colour("ink-3"), fontSize: 11 };
    const x = (gridIndex, shown) => ({
      type: "category",
      gridIndex,
      data: data.days,
      boundaryGap: true,
      axisLine: { lineStyle: { color: colour("line-strong") } },
      axisTick: { show: false },
      axisLabel: { ...text, show: shown, hideOverlap: true },
      axisPointer: { label: { show: false } },
    });
    const y = (gridIndex, name, splits) => ({
      type: "value",
      gridIndex,
      name,
      nameTextStyle: { ...text, align: "left", padding: [0, 0, 0, -34] },
      nameGap: 10,
      min: 0,
      minInterval: 1,
      splitNumber: splits,
      axisLabel: text,
      splitLine: { lineStyle: { color: colour("grid") } },
    });
    return { xAxis: [x(0, false), x(1, true)], yAxis: [y(0, data.words.units, 4), y(1, data.words.reviews, 2)] };
  }

  function zoom(data) {
    const shared = { xAxisIndex: [0, 1], startValue: data.from, endValue: data.days.at(-1) };
    return [
      { type: "inside", ...shared, zoomOnMouseWheel: "ctrl", moveOnMouseMove: true },
      {
        type: "slider", ...shared, height: 18, bottom: 6, left: 44, right: 12, brushSelect: false, showDetail: false,
        borderColor: colour("line"), fillerColor: "rgba(120,140,170,.18)", backgroundColor: "transparent",
        dataBackground: { lineStyle: { color: colour("line-strong") }, areaStyle: { color: colour("line"), opacity: 0.6 } },
        selectedDataBackground: { lineStyle: { color: colour("sales") }, areaStyle: { color: colour("sales"), opacity: 0.12 } },
        handleStyle: { color: colour("surface"), borderColor: colour("line-strong") }, moveHandleSize: 0,
      },
    ];
  }

  function option(data, visibleDays, width) {
    const bar = (label) => ({
      type: "bar", name: data.words[label], stack: "reviews", xAxisIndex: 1, yAxisIndex: 1, data: data[label],
      itemStyle: { color: colour(label) }, barMaxWidth: 14, barCategoryGap: "25%",
    });
    const key = (name, tone, opacity = 1) => ({ name: data.words[name], icon: "roundRect", itemStyle: { color: colour(tone), opacity } });
    const shown = [
      key("units", "sales"),
      ...(data.bands["lo-80"] ? [key("forecast", "forecast"), key("band80", "forecast", 0.5), key("band95", "forecast", 0.25)] : []),
      ...(data.prices.length ? [{ ...key("price", "ink-2"), icon: "triangle" }] : []),
      ...SENTIMENTS.map((label) => key(label, label)),
    ];
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      legend: { top: 0, left: 0, right: 0, type: "scroll", itemWidth: 12, itemHeight: 8, itemGap: 14, textStyle: { color: colour("ink-2"), fontSize: 12 }, data: shown, selectedMode: false },
      grid: [{ left: 44, right: 12, top: 52, height: "49%" }, { left: 44, right: 12, bottom: 54, height: "19%" }],
      axisPointer: { link: [{ xAxisIndex: "all" }], lineStyle: { color: colour("line-strong") } },
      tooltip: {
        trigger: "axis", transitionDuration: 0, confine: true, borderWidth: 1, borderColor: colour("line"),
        backgroundColor: colour("surface"), textStyle: { color: colour("ink") },
        formatter: (items) => tooltip(data, items[0].dataIndex),
      },
      ...axes(data),
      dataZoom: zoom(data),
      series: [
        ...band(data, "95", 0.13),
        ...band(data, "80", 0.22),
        {
          type: "line", name: data.words.units, data: data.units, symbol: "none", z: 3, connectNulls: false,
          lineStyle: { color: colour("sales"), width: 1.8 }, itemStyle: { color: colour("sales") }, markArea: areas(data, visibleDays, width),
        },
        {
          type: "line", name: data.words.forecast, data: data.forecast, symbol: "none", z: 3,
          lineStyle: { color: colour("forecast"), width: 1.8, type: "dashed" }, itemStyle: { color: colour("forecast") },
        },
        {
          type: "scatter", name: data.words.price, symbol: "triangle", symbolSize: 8, z: 4, silent: true,
          data: data.prices.map((change) => [change.day, 0]), itemStyle: { color: colour("ink-2") },
        },
        ...SENTIMENTS.map(bar),
      ],
    };
  }

  return { areas, option };
})();
