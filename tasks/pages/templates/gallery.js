// Search and filters of the gallery. Without scripts every picture is there, only the filters are not.
"use strict";

const inputs = ["search", "device", "category", "question"].map((id) => document.getElementById(id));
const groups = [...document.querySelectorAll(".group")];
const total = document.querySelectorAll(".charts li").length;

function filter() {
  const [search, device, category, question] = inputs.map((input) => input.value.trim());
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const group of groups) {
    let any = 0;
    for (const chart of group.querySelectorAll("li")) {
      const text = chart.dataset.text.toLowerCase();
      const fits =
        (!device || group.dataset.device === device) &&
        (!category || chart.dataset.category === category) &&
        (!question || chart.dataset.question === question) &&
        words.every((word) => text.includes(word));
      chart.hidden = !fits;
      any += fits;
    }
    group.hidden = !any;
    shown += any;
  }
  document.getElementById("shown").textContent = shown === total ? `${total} charts` : `${shown} of ${total} charts`;
}

if (total) {
  const form = document.getElementById("filters");
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  filter();
}
