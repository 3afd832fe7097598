"use strict";

const page = document.getElementById("swagger-ui");

window.SwaggerUIBundle({
  domNode: page,
  url: page.dataset.openapi,
  deepLinking: true,
  validatorUrl: null,
  // A write with the cookie of a logged-in reader needs the page's token.
  requestInterceptor: (request) => {
    request.headers["X-CSRFToken"] = page.dataset.csrf;
    return request;
  },
});
