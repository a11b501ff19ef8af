// Replay: a slider over the lines of history. The picture, the card, the list and the address follow it.
const MARK = { person: "▮", automatic: "▯", timer: "△", message: "◆", operator: "✖", migration: "║", line: "·" };
const PAUSE = 1000;

export function replay(desk, picture) {
  const words = JSON.parse(document.getElementById("replay-words").textContent);
  const { steps, releases } = picture.data;
  const slider = document.getElementById("slider");
  const card = document.getElementById("card");
  const lines = document.getElementById("lines");
  let at = picture.data.at ?? steps.length - 1;
  let timer,
    speed = 1,
    drawing = Promise.resolve();

  const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
  const part = (name) => card.querySelector(`[data-part="${name}"]`);
  const count = (index) => ({ n: index + 1, of: steps.length });

  const go = (index) => {
    at = Math.min(Math.max(index, 0), steps.length - 1);
    const step = steps[at];
    slider.value = at + 1;
    slider.setAttribute("aria-valuetext", fill(words.value, { ...count(at), text: step.text, by: step.by ?? "", when: step.when ?? "" }));
    const wanted = at;
    // whoever drags the slider waits for no picture in between
    drawing = drawing.then(() => wanted === at && picture.show(at));
    write(step);
    history.replaceState(null, "", `?at=${step.n}`);
    marks.forEach((mark, index) => mark.toggleAttribute("data-now", index === at));
    lines.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const link = lines.querySelector(`[data-at="${at + 1}"]`);
    link?.setAttribute("aria-current", "true");
    if (link) lines.scrollTop = link.offsetTop - lines.offsetTop - lines.clientHeight / 2;
    if (at === steps.length - 1) play(false);
  };
  const write = (step) => {
    part("n").textContent = fill(words.step, count(at));
    for (const name of ["text", "by", "when", "hash"]) part(name).textContent = step[name] ?? "";
    part("when").dateTime = step.at ?? "";
    part("when").title = step.at ?? "";
    part("kind").textContent = step.kind_name ?? "";
    part("release").textContent = fill(words.from, { release: releases[step.release].name });
    list("facts", step.facts ?? [], ([label, text]) => [made("dt", label), made("dd", text)]);
    list("caused", step.caused ?? [], (text) => [made("li", text)]);
  };
  const list = (name, rows, draw) => {
    part(name).replaceChildren(...rows.flatMap(draw));
    card.querySelector(`[data-hide="${name}"]`).hidden = !rows.length;
  };
  const made = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });

  const button = desk.querySelector('[data-do="play"]');
  const play = (on) => {
    clearInterval(timer);
    timer = on ? setInterval(() => go(at + 1), PAUSE / speed) : 0;
    button.querySelector("svg").setAttribute("aria-label", on ? words.pause : words.play);
    button.setAttribute("aria-pressed", String(on));
  };
  const toggle = () => {
    if (!timer && at === steps.length - 1) go(0);
    play(!timer);
  };
  const pace = (times) => {
    speed = times;
    desk.querySelectorAll("[data-speed]").forEach((one) => one.setAttribute("aria-pressed", String(Number(one.dataset.speed) === times)));
    if (timer) play(true);
  };
  const nextPerson = (by) => {
    let index = at + by;
    while (steps[index] && steps[index].who !== "person") index += by;
    go(index);
  };
  const act = { first: () => go(0), previous: () => go(at - 1), next: () => go(at + 1), last: () => go(steps.length - 1), play: toggle };

  const marks = steps.map((step) => made("span", MARK[step.who] ?? MARK.line));
  desk.querySelector("[data-marks]").replaceChildren(...marks);
  desk.querySelectorAll("[data-script]").forEach((one) => (one.hidden = false));
  slider.addEventListener("input", () => go(Number(slider.value) - 1));
  desk.addEventListener("click", (event) => {
    const pressed = event.target.closest("button");
    if (pressed?.dataset.speed) pace(Number(pressed.dataset.speed));
    else act[pressed?.dataset.do]?.();
  });
  lines.addEventListener("click", (event) => {
    const link = event.target.closest("[data-at]");
    if (!link) return;
    event.preventDefault();
    go(Number(link.dataset.at) - 1);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input:not([type=range]), textarea, select, dialog, .t-canvas"))
      return;
    const key = {
      ArrowLeft: () => (event.shiftKey ? nextPerson(-1) : go(at - 1)),
      ArrowRight: () => (event.shiftKey ? nextPerson(1) : go(at + 1)),
      Home: act.first,
      End: act.last,
      PageUp: () => go(at - 10),
      PageDown: () => go(at + 10),
      1: () => pace(1),
      2: () => pace(2),
      4: () => pace(4),
    }[event.key];
    if (key) {
      event.preventDefault();
      key();
    } else if (event.key === " " && !event.target.closest("button, a, summary")) {
      event.preventDefault();
      toggle();
    }
  });
  go(at);
}
