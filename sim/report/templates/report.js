"use strict";
// What a report can do besides being read: values under a pointer, tables in another order. It changes nothing else,
// loads nothing and sends nothing. Without it the page is whole.
(() => {
  const SVG = "http://www.w3.org/2000/svg";

  function make(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // A pointer, or the arrow keys, on a picture.
  function readable(picture) {
    const parts = JSON.parse(picture.dataset.readings), svg = picture.querySelector("svg");
    const hair = document.createElementNS(SVG, "line"), told = make("p", "reading");
    hair.setAttribute("class", "hair");
    hair.setAttribute("visibility", "hidden");
    svg.append(hair);
    const hint = "Point at the picture to read its values; or focus it and use the arrow keys.";
    told.append(make("span", "", hint));
    picture.after(told);
    let part = parts[0], place = -1;

    function show(chosen, number) {
      [part, place] = [chosen, Math.max(0, Math.min(chosen.at.length - 1, number))];
      const [left, top, right, bottom] = part.box;
      const x = left + (right - left) * place / (part.at.length - 1);
      for (const [name, value] of [["x1", x], ["x2", x], ["y1", top], ["y2", bottom]]) hair.setAttribute(name, value);
      hair.setAttribute("visibility", "visible");
      const said = part.lines.filter((line) => line[1][line[2][place]] !== "");
      told.replaceChildren(make("strong", "", part.at[place]), ...said.map(([name, texts, which]) => {
        const one = make("span");
        one.append(name + " ", make("b", "", texts[which[place]]));
        return one;
      }));
    }

    function point(event) {
      const whole = svg.getBoundingClientRect(), box = svg.viewBox.baseVal;
      const x = (event.clientX - whole.left) / whole.width * box.width;
      const y = (event.clientY - whole.top) / whole.height * box.height;
      const under = parts.find(({ box: [left, top, right, bottom] }) =>
        x >= left - 3 && x <= right + 3 && y >= top && y <= bottom);
      if (under) show(under, Math.round((x - under.box[0]) / (under.box[2] - under.box[0]) * (under.at.length - 1)));
    }

    svg.addEventListener("pointermove", point);
    svg.addEventListener("pointerdown", point);
    picture.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };
      const step = steps[event.key];
      if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      told.setAttribute("role", "status");
      show(part, place < 0 && step > 0 ? 0 : place + step);
    });
  }

  // A table whose columns can be put in order: numbers and times by size, the rest by letter; nothing comes last.
  const SIZES = { d: 86400, h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 };

  function worth(cell) {
    if (cell.dataset.value !== undefined) return Number(cell.dataset.value);
    const shown = cell.querySelector(".number") || cell;
    const text = shown.textContent.trim().replace(/,(?=\d{3})/g, "");
    const time = text.match(/^[+-]?(?:\d+(?:\.\d+)? ?(?:[mun]s|[dhms])(?![a-z]) ?)+/);
    if (time) {
      const parts = time[0].matchAll(/(\d+(?:\.\d+)?) ?([mun]s|[dhms])/g);
      const size = [...parts].reduce((sum, [, number, unit]) => sum + number * SIZES[unit], 0);
      return time[0][0] === "-" ? -size : size;
    }
    const number = text.match(/^[+-]?\d+(?:\.\d+)?/);
    return number ? Number(number[0]) : text === "" || text === "-" ? undefined : text.toLowerCase();
  }

  function compare(one, other) {
    if (one === undefined || other === undefined) return 0;
    if (typeof one === typeof other) return one < other ? -1 : one > other ? 1 : 0;
    return typeof one === "number" ? -1 : 1;
  }

  function sortable(table) {
    const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = make("button", "sort");
      button.type = "button";
      button.title = "Sort by this column";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const falls = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        heads.forEach((each) => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", falls > 0 ? "ascending" : "descending");
        const rows = [...body.rows].map((row) => [worth(row.cells[column]), row]);
        rows.sort(([one], [other]) =>
          (one === undefined) - (other === undefined) || falls * compare(one, other));
        body.append(...rows.map(([, row]) => row));
      });
    });
  }

  document.querySelectorAll("[data-readings]").forEach(readable);
  document.querySelectorAll("table[data-sort]").forEach(sortable);
})();
