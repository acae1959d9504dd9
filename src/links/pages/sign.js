"use strict";
(() => {
  const form = document.getElementById("sign");
  const named = (id) => document.getElementById(id);
  const [canvas, pad, ink, clear, said] = ["canvas", "pad", "ink", "clear", "signature-said"].map(named);
  const chosen = (name) => form.querySelector(`input[name="${name}"]:checked`)?.value;
  const MOST_POINTS = 20000;

  // What is drawn, in the units of the pad as it was when drawing began: a phone may be turned round.
  let size = null;
  let groups = [];
  let points = 0;
  const scale = () => canvas.clientWidth / size.width;

  const line = (context, from, to) => {
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
  };

  const prepared = () => {
    const dots = window.devicePixelRatio || 1;
    canvas.width = Math.round(canvas.clientWidth * dots);
    canvas.height = Math.round(canvas.clientHeight * dots);
    size ??= { width: canvas.clientWidth, height: canvas.clientHeight };
    const context = canvas.getContext("2d");
    context.setTransform(dots * scale(), 0, 0, dots * scale(), 0, 0);
    context.lineWidth = 2.4;
    context.lineCap = "round";
    context.lineJoin = "round";
    context.strokeStyle = "#102a6b";
    return context;
  };

  const redraw = () => {
    if (pad.hidden || canvas.clientWidth === 0) return;
    const context = prepared();
    for (const group of groups) {
      group.points.forEach((point, index) => line(context, group.points[Math.max(index - 1, 0)], point));
    }
  };

  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const round = (number) => Math.round(number * 100) / 100;
    return {
      x: round((event.clientX - box.left) / scale()),
      y: round((event.clientY - box.top) / scale()),
      time: Date.now(),
      pressure: round(event.pressure || 0.5),
    };
  };

  let stroke = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (stroke || !event.isPrimary || event.button > 0) return;
    event.preventDefault();
    if (!size) prepared();
    canvas.setPointerCapture(event.pointerId);
    stroke = { points: [at(event)] };
    groups.push(stroke);
    points += 1;
    said.textContent = "";
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!stroke || !event.isPrimary || points >= MOST_POINTS) return;
    const context = canvas.getContext("2d");
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length > 0 ? moves : [event]) {
      const point = at(move);
      line(context, stroke.points.at(-1), point);
      stroke.points.push(point);
      points += 1;
    }
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      if (event.isPrimary) stroke = null;
    });
  }
  const empty = () => {
    groups = [];
    points = 0;
    size = null;
    ink.value = "";
    redraw();
  };
  clear.addEventListener("click", empty);

  const arrange = () => {
    pad.hidden = chosen("way") !== "draw";
    named("remarks-field").hidden = chosen("outcome") === "accepted";
    redraw();
  };

  // What was drawn before something else turned out to be wrong.
  try {
    const before = JSON.parse(ink.value);
    size = { width: before.width, height: before.height };
    groups = before.groups;
    points = groups.reduce((sum, group) => sum + group.points.length, 0);
  } catch {
    size = null;
  }
  const draw = named("draw");
  draw.hidden = false;
  if (form.dataset.way !== "type") draw.querySelector("input").checked = true;
  form.addEventListener("change", arrange);
  window.addEventListener("resize", redraw);
  arrange();

  let sent = false;
  form.addEventListener("submit", (event) => {
    const drawn = groups.some((group) => group.points.length > 1);
    // Somebody asks for a code first: what was drawn so far comes along.
    const asks = event.submitter?.formNoValidate === true;
    if (!asks && chosen("way") === "draw" && chosen("outcome") !== "refused" && !drawn) {
      event.preventDefault();
      const sentence = document.createElement("p");
      sentence.className = "wrong";
      sentence.textContent = form.dataset.nothing;
      said.replaceChildren(sentence);
      canvas.scrollIntoView({ block: "center" });
      return;
    }
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
    ink.value = drawn && chosen("way") === "draw" ? JSON.stringify({ ...size, groups }) : "";
  });
  window.addEventListener("pageshow", () => {
    sent = false;
  });

  // Said when somebody has had the page before their eyes for a moment, not by whatever fetches addresses in advance.
  let looked = false;
  const look = () => {
    if (looked || document.prerendering || document.visibilityState !== "visible") return;
    looked = true;
    fetch(form.dataset.seen, { method: "POST", keepalive: true, credentials: "omit" }).catch(() => {
      looked = false;
    });
  };
  const later = () => window.setTimeout(look, 1000);
  document.addEventListener("visibilitychange", later);
  document.addEventListener("prerenderingchange", later);
  later();
})();
