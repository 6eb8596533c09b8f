// Unpacks Plotly, which the page carries compressed, and draws every figure in the place of its still picture; those in
// closed details when opened. Without it, or in a browser that cannot unpack it, the still pictures stay.
(async () => {
  const packed = Uint8Array.from(atob(document.getElementById("plotly").textContent.trim()), (c) => c.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = await new Response(unpacked).text();
  document.head.append(script);

  const settings = {responsive: true, displaylogo: false, displayModeBar: false};
  const narrow = matchMedia("(max-width: 40rem)").matches;
  const line = 18;
  // On a narrow screen the labels of rows leave no room for the data: they go above their rows.
  const stack = (figure) => {
    const rows = figure.layout.yaxis;
    if (!rows?.ticktext || figure.data.some((trace) => trace.type === "heatmap")) return;
    const lines = Math.max(...rows.ticktext.map((text) => text.split("<br>").length));
    figure.layout.height += (line * lines + 4) * rows.ticktext.length;
    rows.range[1] += 0.3;
    // As annotations: where labels of an axis are inside, Plotly leaves out those of the other axis below them.
    const labels = rows.ticktext.map((text, index) => ({
      text, x: 0, xref: "paper", xanchor: "left", align: "left", y: rows.tickvals[index], yanchor: "bottom", yshift: 7, showarrow: false,
    }));
    figure.layout.annotations = [...(figure.layout.annotations ?? []), ...labels];
    Object.assign(rows, {showticklabels: false, automargin: false, ticks: ""});
  };
  // Left to itself, Plotly writes one number or none along a narrow axis.
  const step = (least) => {
    const power = 10 ** Math.floor(Math.log10(least));
    return power * [1, 2, 2.5, 5, 10].find((digit) => digit * power >= least * 0.999);
  };
  const tick = (figure) => {
    for (const [name, axis] of Object.entries(figure.layout)) {
      if (!name.startsWith("xaxis") || !axis.range || axis.tickvals || axis.dtick || axis.type === "log") continue;
      axis.dtick = step((axis.range[1] - axis.range[0]) / 3);
    }
  };
  const draw = (data) => {
    if (data.dataset.drawn || data.closest("details:not([open])")) return;
    data.dataset.drawn = "yes";
    const figure = JSON.parse(data.textContent);
    const live = document.getElementById(data.dataset.figure);
    if (narrow) {
      stack(figure);
      tick(figure);
    }
    live.hidden = false;
    live.parentElement.classList.add("drawn");
    Plotly.newPlot(live, figure.data, figure.layout, settings);
  };
  const drawAll = () => document.querySelectorAll("script[data-figure]").forEach(draw);
  drawAll();
  document.querySelectorAll("details").forEach((details) => details.addEventListener("toggle", drawAll));
})();
