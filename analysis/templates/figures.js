// Unpacks Plotly, which the page carries compressed, and draws every figure; those in closed details when opened.
(async () => {
  const undrawn = document.getElementById("undrawn");
  try {
    const packed = Uint8Array.from(atob(document.getElementById("plotly").textContent.trim()), (c) => c.charCodeAt(0));
    const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(unpacked).text();
    document.head.append(script);
  } catch (error) {
    undrawn.hidden = false;
    document.body.classList.add("undrawn");
    throw error;
  }
  const settings = {responsive: true, displaylogo: false, displayModeBar: false};
  const draw = (data) => {
    if (data.dataset.drawn || data.closest("details:not([open])")) return;
    data.dataset.drawn = "yes";
    const figure = JSON.parse(data.textContent);
    Plotly.newPlot(data.dataset.figure, figure.data, figure.layout, settings);
  };
  const drawAll = () => document.querySelectorAll("script[data-figure]").forEach(draw);
  drawAll();
  document.querySelectorAll("details").forEach((details) => details.addEventListener("toggle", drawAll));
  addEventListener("beforeprint", () => document.querySelectorAll(".js-plotly-plot").forEach((plot) => Plotly.Plots.resize(plot)));
})();
