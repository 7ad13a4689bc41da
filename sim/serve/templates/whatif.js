// Asks again when a knob is moved, and puts the answer in place. Without this script the form does the same by itself.
"use strict";
(() => {
  const form = document.getElementById("knobs");
  const PATIENCE = 300; // ms without another touch after which a question is asked
  const CALM = 700; // ms after an answer before it is sharpened
  const releases = document.getElementById("releases");
  const sharpen = document.getElementById("sharpen");
  let asked = null;
  let timer = 0;

  function say(words) {
    document.getElementById("status").textContent = words;
  }

  function address() {
    const words = new URLSearchParams();
    for (const [name, value] of new FormData(form)) words.set(name, value);
    return form.getAttribute("action") + "?" + words;
  }

  // While nothing moves, the same question with more releases; the first touch ends it.
  function sharpenSoon() {
    const next = Number(document.getElementById("answer").dataset.next);
    if (!sharpen.checked || !next || document.hidden) return;
    timer = setTimeout(() => {
      releases.value = String(next);
      ask(address(), false, "Sharpening: " + next + " releases per case\u2026");
    }, CALM);
  }

  async function ask(where, remember, quietly) {
    clearTimeout(timer);
    if (asked) asked.abort(); // the server drops what nobody waits for
    const mine = asked = new AbortController();
    if (!quietly) document.getElementById("answer").setAttribute("aria-busy", "true");
    say(quietly || "Playing\u2026");
    try {
      const answer = await fetch(where, { signal: mine.signal, headers: { Accept: "text/html" } });
      const text = await answer.text();
      if (mine.signal.aborted) return;
      put(new DOMParser().parseFromString(text, "text/html"), answer);
      history[remember ? "pushState" : "replaceState"](null, "", answer.url);
      if (answer.ok) sharpenSoon(); // never on opening: an address that was sent shows what its sender saw
    } catch (error) {
      if (error.name === "AbortError") return;
      document.getElementById("answer").removeAttribute("aria-busy");
      say("The page's server does not answer. Is rollrisk serve still running?");
    }
  }

  function put(page, answer) {
    const fresh = page.getElementById("answer");
    if (!fresh) {
      document.getElementById("answer").removeAttribute("aria-busy");
      say("Status " + answer.status + ": " + (page.body.textContent.trim() || "no answer"));
      return;
    }
    document.getElementById("answer").replaceWith(document.adoptNode(fresh));
    for (const knob of form.querySelectorAll(".knob[id]")) update(knob, page.getElementById(knob.id));
    for (const count of form.querySelectorAll("summary .count")) count.remove();
    const summaries = page.querySelectorAll("#knobs summary");
    form.querySelectorAll("summary").forEach((summary, place) => {
      const count = summaries[place] && summaries[place].querySelector(".count");
      if (count) summary.append(" ", document.adoptNode(count));
    });
    say(answer.ok ? "Up to date." : "Not played; see what is wrong.");
  }

  // A field in which somebody is writing keeps what was written.
  function update(knob, fresh) {
    if (!fresh) return;
    knob.className = fresh.className;
    const field = knob.querySelector("input");
    const other = fresh.querySelector("input");
    if (document.activeElement !== field) field.value = other.value;
    field.dataset.rungs = other.dataset.rungs;
    field.toggleAttribute("aria-invalid", other.hasAttribute("aria-invalid"));
    if (other.hasAttribute("aria-invalid")) field.setAttribute("aria-invalid", "true");
    knob.querySelector(".about").textContent = fresh.querySelector(".about").textContent;
    for (const which of [".less", ".more"]) {
      const button = knob.querySelector(which);
      const better = fresh.querySelector(which);
      button.value = better.value;
      button.setAttribute("aria-label", better.getAttribute("aria-label"));
    }
  }

  function soon() {
    clearTimeout(timer);
    if (sharpen.checked) releases.value = document.getElementById("answer").dataset.quick;
    timer = setTimeout(() => ask(address(), true), PATIENCE);
  }

  // The rungs near the value are known, so that many quick presses go as many rungs without asking in between.
  function step(button) {
    const field = button.closest(".knob").querySelector("input");
    const rungs = field.dataset.rungs.split("|");
    const place = rungs.indexOf(field.value.trim());
    const next = rungs[place + (button.classList.contains("more") ? 1 : -1)];
    field.value = place < 0 ? button.value : next === undefined ? field.value : next;
    soon();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (button && button.name) step(button);
    else ask(address(), true);
  });
  form.addEventListener("change", (event) => {
    if (event.target === releases) sharpen.checked = false; // whoever chooses a number wants that number
    if (event.target !== sharpen) soon();
    else if (sharpen.checked) sharpenSoon();
  });
  form.addEventListener("input", () => clearTimeout(timer)); // somebody is writing: nothing may move under them
  form.addEventListener("keydown", (event) => {
    const which = { ArrowUp: ".more", ArrowDown: ".less" }[event.key];
    if (!which || event.target.tagName !== "INPUT" || !event.target.closest(".setter")) return;
    event.preventDefault();
    step(event.target.closest(".knob").querySelector(which));
  });
  form.querySelector(".reset").addEventListener("click", () => clearTimeout(timer));
  for (const button of form.querySelectorAll(".setter button")) button.tabIndex = -1; // the arrow keys do it
  document.querySelector(".by-itself").hidden = false;
  window.addEventListener("popstate", () => location.reload());
})();
