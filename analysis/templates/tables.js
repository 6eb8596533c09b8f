// Tables that are marked so are sorted by a button in each heading, and searched by a field above them.
(() => {
  const words = new Intl.Collator(undefined, {numeric: true, sensitivity: "base"});
  const plain = (text) => text.normalize("NFKC").toLowerCase();

  // What a cell is sorted by: the value it names, else its words. An empty value comes last in either direction.
  const keyOf = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
  const sort = (table, column, sign) => {
    const rows = [...table.tBodies[0].rows].map((row) => [keyOf(row, column), row]);
    const numeric = rows.every(([key]) => !Number.isNaN(Number(key)));
    const compare = numeric ? (first, second) => first - second : words.compare;
    rows.sort(([first], [second]) => (first === "") - (second === "") || sign * compare(first, second));
    table.tBodies[0].append(...rows.map(([, row]) => row));
  };

  const addButtons = (table) => {
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const descending = heading.getAttribute("aria-sort") === "ascending";
        headings.forEach((other) => other.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
        sort(table, column, descending ? -1 : 1);
      });
    });
  };

  // A row may be found by words that it does not show.
  const addSearch = (tools) => {
    const rows = [...document.getElementById(tools.dataset.table).tBodies[0].rows];
    const texts = new Map(rows.map((row) => [row, plain(`${row.textContent} ${row.dataset.search ?? ""}`)]));
    const field = tools.querySelector("input");
    const count = tools.querySelector("[role=status]");
    const search = () => {
      const wanted = plain(field.value).split(/\s+/).filter(Boolean);
      rows.forEach((row) => { row.hidden = !wanted.every((word) => texts.get(row).includes(word)); });
      count.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} shown`;
    };
    field.addEventListener("input", search);
    tools.hidden = false;
    search();
  };

  document.querySelectorAll("table.sortable").forEach(addButtons);
  document.querySelectorAll(".tools").forEach(addSearch);
})();
