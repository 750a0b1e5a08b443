// SPDX-License-Identifier: BSD-2-Clause
// Comfort alone: every page works without it.
(function () {
	"use strict";
	var word = document.body.getAttribute("data-show") || "Show password";
	function reveal(field) {
		var button = document.createElement("button");
		button.type = "button";
		button.className = "reveal";
		button.textContent = word;
		button.setAttribute("aria-pressed", "false");
		button.setAttribute("aria-controls", field.id);
		button.addEventListener("click", function () {
			var shown = field.type === "text";
			field.type = shown ? "password" : "text";
			button.setAttribute("aria-pressed", String(!shown));
		});
		field.form.addEventListener("submit", function () {
			field.type = "password";
			button.setAttribute("aria-pressed", "false");
		});
		field.insertAdjacentElement("afterend", button);
	}
	document.querySelectorAll("input[type=password]").forEach(reveal);
	var summary = document.getElementById("error-summary");
	if (summary)
		summary.focus();
}());
