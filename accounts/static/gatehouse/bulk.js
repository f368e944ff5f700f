"use strict";

// What is done to many users takes several requests: each page of results asks for the next one.
// Without scripts, its button does.
document.querySelector("form[data-goes-on]").requestSubmit();
