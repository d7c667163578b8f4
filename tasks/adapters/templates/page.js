// Replaces the static picture of a chart page by the interactive chart. `ast` reads Vega expressions
// without eval, so that the page can forbid it.
const spec = JSON.parse(document.getElementById("spec").textContent);
vegaEmbed("#chart", spec, { ast: true, renderer: "svg", actions: false, loader: { http: { credentials: "omit" } } });
