// Gives charts the colours of the style sheet, in whichever of its schemes the page is shown.
"use strict";

const colour = (() => {
  const probe = document.createElement("i");
  probe.hidden = true;
  return (name) => {
    if (!probe.isConnected) document.body.append(probe);
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
})();
