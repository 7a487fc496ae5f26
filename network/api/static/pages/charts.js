// Draws each chart from the table that stands beside it: one source, and whoever sees no picture has every number.

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const drawn = new Map();

// A cell's number stands in data-value; a figure that is not shown has none and leaves a gap.
function read(table) {
  const heads = [...table.tHead.rows[0].cells].slice(1);
  const rows = [...table.tBodies[0].rows];
  const value = (cell) => (cell?.dataset.value === undefined ? null : Number(cell.dataset.value));
  return {
    labels: rows.map((row) => row.cells[0].textContent.trim()),
    series: heads.map((head, at) => ({
      label: head.textContent.trim(),
      values: rows.map((row) => value(row.cells[at + 1])),
      texts: rows.map((row) => row.cells[at + 1]?.textContent.trim()),
    })),
  };
}

function colours() {
  return [style("--accent"), style("--chart-2"), style("--chart-3"), style("--quiet")];
}

// "interval": the columns are estimate, lowest, highest; a bar from lowest to highest with a mark at the estimate.
function datasets(kind, labels, series) {
  const [first, second] = colours();
  if (kind === "interval") {
    const [middle, low, high] = series;
    const spans = low.values.map((value, at) => (value === null ? null : [value, high.values[at]]));
    return [
      { type: "scatter", label: middle.label, backgroundColor: second, pointRadius: 6, pointStyle: "rectRot",
        data: middle.values.map((x, at) => ({ x, y: labels[at] })), texts: middle.texts },
      { label: `${low.label} – ${high.label}`, backgroundColor: first, barThickness: 8, data: spans,
        texts: low.texts.map((text, at) => `${text} – ${high.texts[at]}`) },
    ];
  }
  return series.map((one, at) => ({
    label: one.label, data: one.values, texts: one.texts, backgroundColor: colours()[at % 4],
    borderColor: colours()[at % 4], borderWidth: kind === "line" ? 2 : 0, maxBarThickness: 40, pointRadius: 2,
  }));
}

// Marks among bars: what Chart.js would choose for the marks has no names along it.
function scales(labels, lying) {
  const values = { beginAtZero: true, type: "linear" };
  const ticks = { callback: (at) => broken(labels[at]) };
  return lying ? { x: values, y: { type: "category", labels, offset: true, ticks } } : { y: values };
}

// In lines of a few words: beside the bars on a phone there is little room.
function broken(label) {
  if (innerWidth > 600) return label;
  return label.split(" ").reduce((lines, word) => {
    const longer = `${lines.at(-1)} ${word}`.trim();
    return longer.length > 16 ? [...lines, word] : [...lines.slice(0, -1), longer];
  }, [""]);
}

function draw(figure) {
  const table = figure.querySelector("table");
  const canvas = figure.querySelector("canvas");
  const { labels, series } = read(table);
  const kind = figure.dataset.chart;
  const lying = kind === "across" || kind === "interval";
  Object.assign(Chart.defaults, { color: style("--quiet"), borderColor: style("--line"), animation: false });
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  canvas.parentElement.classList.toggle("tall", lying && labels.length > 8);
  drawn.get(canvas)?.destroy();
  drawn.set(canvas, new Chart(canvas, {
    type: kind === "line" ? "line" : "bar",
    data: { labels, datasets: datasets(kind, labels, series) },
    options: {
      indexAxis: lying ? "y" : "x", maintainAspectRatio: false, locale: document.documentElement.lang,
      scales: scales(labels, lying),
      plugins: {
        legend: { position: "bottom", display: series.length > 1 },
        tooltip: { callbacks: { label: (item) => said(item) } },
      },
    },
  }));
  figure.classList.add("drawn");
}

// What the table says, money and all.
function said(item) {
  const text = item.dataset.texts?.[item.dataIndex];
  return text === undefined ? undefined : `${item.dataset.label}: ${text}`;
}

function drawAll(within = document) {
  within.querySelectorAll("figure[data-chart]").forEach(draw);
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll());
document.addEventListener("htmx:afterSwap", (event) => drawAll(event.target));
drawAll();
