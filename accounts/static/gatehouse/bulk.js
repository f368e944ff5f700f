"use strict";

// An action on many users takes several requests. Each page of results sends the next request.
// Without JavaScript, the operator presses the button.
document.querySelector("form[data-goes-on]").requestSubmit();
