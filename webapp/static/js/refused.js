// Says so at the top of the page where something that htmx was to write did not get through.
"use strict";

(() => {
  const { said } = document.currentScript.dataset;

  function tell(event) {
    if (event.detail.requestConfig.verb === "get") return; // what is only looked at is asked for again
    const main = document.getElementById("main");
    const note = main.querySelector("[data-refused]") ?? document.createElement("p");
    note.className = "note note-danger";
    note.dataset.refused = "";
    note.setAttribute("role", "alert");
    note.textContent = said;
    main.prepend(note);
    note.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("htmx:responseError", tell);
  document.addEventListener("htmx:sendError", tell);
})();
