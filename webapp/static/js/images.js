// Saves a chart as an image, on the page's background so that it can be pasted anywhere.
"use strict";

addEventListener("click", (event) => {
  const button = event.target.closest("[data-image-of]");
  const drawn = button && echarts.getInstanceByDom(document.getElementById(button.dataset.imageOf));
  if (!drawn) return;
  const backgroundColor = colour("surface");
  const link = document.createElement("a");
  link.href = drawn.getDataURL({ type: "png", pixelRatio: 2, backgroundColor });
  link.download = `${button.dataset.imageName}-${button.dataset.imageOf}.png`;
  link.click();
});
