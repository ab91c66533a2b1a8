"use strict";

// The token is behind the "#". It leaves the address bar, and stays with this tab so that it can be loaded again.
const token = location.hash.slice(1) || sessionStorage.getItem("token") || "";
sessionStorage.setItem("token", token);
history.replaceState(null, "", location.pathname);

const PAGE = 25;
const MODES = {
  op_mod_exp_lim_w: "Export at most", op_mod_imp_lim_w: "Import at most", op_mod_gen_lim_w: "Generate at most",
  op_mod_load_lim_w: "Consume at most", op_mod_storage_target_w: "Storage target", op_mod_connect: "Connection",
  op_mod_energize: "Exchange of power", op_mod_max_lim_w: "Power at most", op_mod_fixed_w: "Fixed power",
  op_mod_target_w: "Target power", op_mod_target_var: "Target reactive power", set_grad_w: "Ramp", set_soft_grad_w: "Soft ramp",
  ramp_tms: "Ramp time",
};
const WATTS = /_lim_w$|storage_target_w$|target_w$/;
const shown = { find: "", start: 0, total: 0, site: null, span: 3600, list: null, detail: null };
const clock = { base: 0, at: 0, still: false };
const $ = (id) => document.getElementById(id);

// Elements. What comes from elsewhere is only ever text.

function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "click") made.addEventListener("click", value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined).map((child) => child instanceof Node ? child : String(child)));
  return made;
}

// Replace what is in an element, and leave the focus where it is, on what has the same key.
function fill(parent, ...children) {
  const focused = parent.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  parent.replaceChildren(...children);
  if (focused === undefined) return;
  const again = [...parent.querySelectorAll("[data-key]")].find((each) => each.dataset.key === focused);
  (again || $("controls-heading")).focus({ preventScroll: true });
}

// Words

const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
const timeOfDay = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const shortTime = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit" });
const date = (seconds) => new Date(seconds * 1000);

function showTime(seconds, precise = seconds % 60 !== 0) {
  const moment = date(seconds);
  const text = (precise ? timeOfDay : shortTime).format(moment);
  return day.format(moment) === day.format(date(now())) ? text : `${day.format(moment)} ${text}`;
}

function showZone(seconds) {
  const minutes = -date(seconds).getTimezoneOffset();
  const two = (value) => String(Math.floor(value)).padStart(2, "0");
  return `UTC${minutes < 0 ? "−" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

function showDuration(seconds) {
  const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const text = [];
  for (const [size, unit] of parts) {
    const count = Math.floor(seconds / size);
    seconds -= count * size;
    if (count) text.push(`${count} ${unit}`);
  }
  return text.join(" ") || "0 s";
}

function showValue(mode, value) {
  if (mode === "op_mod_connect") return value ? "connect" : "disconnect";
  if (mode === "op_mod_energize") return value ? "energize" : "de-energize";
  if (typeof value !== "number") return String(value);
  if (mode === "op_mod_max_lim_w" || mode === "op_mod_fixed_w") return `${number.format(value / 100)} %`;
  if (mode === "set_grad_w" || mode === "set_soft_grad_w") return `${number.format(value / 100)} %/s`;
  if (mode === "ramp_tms") return `${number.format(value / 100)} s`;
  if (mode === "op_mod_target_var") return `${number.format(value)} var`;
  return WATTS.test(mode) ? `${number.format(value)} W` : number.format(value);
}

const nameMode = (mode) => MODES[mode] || mode.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

function say(mode, value) {
  const text = showValue(mode, value);
  if (mode === "op_mod_connect" || mode === "op_mod_energize") return text;
  const name = nameMode(mode);
  return `${name.charAt(0).toLowerCase()}${name.slice(1)} ${text}`;
}

const sayShort = (mode, value) => say(mode, value).replace(" at most ", " \u2264 ");
const sayAll = (modes) => Object.entries(modes).map(([mode, value]) => say(mode, value)).join(", ") || "nothing";

function nameSite(site) {
  return site.nmi || (site.href ? site.href : `${site.lfdi.slice(0, 12)}…`);
}

// The clock of the utility

function now() {
  return clock.still ? clock.base : clock.base + (performance.now() - clock.at) / 1000;
}

function setClock(found) {
  clock.base = found.now;
  clock.at = performance.now();
  if ("stands_still" in found) clock.still = found.stands_still;
}

function drawClock() {
  if (!clock.base) return;
  const seconds = Math.floor(now());
  const time = document.querySelector("#clock time");
  time.dateTime = date(seconds).toISOString();
  time.textContent = `${day.format(date(seconds))} ${timeOfDay.format(date(seconds))}`;
  $("zone").textContent = showZone(seconds) + (clock.still ? ", stands still" : "");
  $("start-zone").textContent = showZone(seconds);
}

// What is in force now, and what follows

const holds = (segment, at) => (segment.start === null || segment.start <= at) && (segment.stop === null || at < segment.stop);
const current = (segments, at) => segments.find((each) => holds(each, at));
const following = (segments, at) => segments.find((each) => each.start !== null && each.start > at);

function nextChange(plans) {
  const at = now();
  const moments = plans.flatMap((modes) => Object.values(modes).flat().flatMap((each) => [each.start, each.stop]));
  return Math.min(...moments.filter((moment) => moment !== null && moment > at));
}

// Requests

async function ask(path, body) {
  const options = { headers: { authorization: `Bearer ${token}` }, cache: "no-store" };
  if (body) {
    options.method = "POST";
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options);
  const found = await response.json();
  if (!response.ok) throw new Error(explain(found));
  return found;
}

const explain = (error) => [error.where && `${error.where}:`, `${error.what}.`, error.remedy].filter(Boolean).join(" ");

// Only the latest request of a kind counts; one that is due while another is on its way follows it.
function reader(read, draw) {
  let running = false, due = false;
  return async function load() {
    if (running) { due = true; return; }
    running = true;
    try {
      do {
        due = false;
        const found = await read();
        if (found && !due) draw(found);
      } while (due);
    } catch (error) {
      if (!(error instanceof TypeError)) report(error.message);
    } finally {
      running = false;
    }
  };
}

// At once, and then at most once a second: however much changes, the server is asked no more often.
function paced(load) {
  let last = -Infinity, waiting = null;
  return function soon() {
    if (waiting) return;
    const wait = last + 1000 - performance.now();
    waiting = setTimeout(() => { waiting = null; last = performance.now(); load(); }, Math.max(0, wait));
  };
}

function report(text, wrong = true) {
  $("said").textContent = text;
  $("said").classList.toggle("wrong", wrong);
  if ($("detail").hidden && wrong) $("empty").textContent = text;
}

const loadList = reader(
  () => ask(`api/sites?${new URLSearchParams({ find: shown.find, start: shown.start, limit: PAGE })}`),
  (found) => {
    setClock(found);
    shown.list = found;
    if (found.start && !found.sites.length) { shown.start = 0; loadList(); return; }
    $("profile").textContent = found.profile;
    if (!shown.site && found.sites.length) choose(found.sites[0].lfdi);
    drawList();
  },
);

const loadSite = reader(
  () => shown.site && ask(`api/sites/${shown.site}`),
  (found) => {
    if (found.lfdi !== shown.site) return;
    setClock(found);
    shown.detail = found;
    drawSite();
  },
);

function choose(lfdi) {
  if (shown.site !== lfdi) report("", false);
  shown.site = lfdi;
  if (shown.list) drawList();
  loadSite();
}

// The list of sites

function drawList() {
  const { sites, total, found, start } = shown.list, at = now();
  $("count").textContent = found === total ? number.format(total) : `${number.format(found)} of ${number.format(total)}`;
  $("range").textContent = sites.length ? `${number.format(start + 1)} to ${number.format(start + sites.length)}` : "none";
  $("previous").disabled = start === 0;
  $("next").disabled = start + sites.length >= found;
  document.querySelector(".pager").hidden = found <= PAGE && start === 0;
  fill($("sites"), ...sites.map((site) => el("li", null, el(
    "button",
    { type: "button", "data-key": site.lfdi, "aria-current": site.lfdi === shown.site && "true", click: () => choose(site.lfdi), title: site.lfdi },
    el("span", { class: "name" }, el("span", null, nameSite(site)), site.nmi && el("small", null, site.href)),
    ...summary(site.modes, at),
    strip(site.modes, at),
  ))));
}

function summary(modes, at) {
  const entries = Object.entries(modes).map(([mode, segments]) => [mode, current(segments, at), following(segments, at)]);
  const held = entries.filter(([, segment]) => segment);
  const next = entries.filter(([, , segment]) => segment && segment.control !== null).sort((a, b) => a[2].start - b[2].start)[0];
  const ordered = held.filter(([, segment]) => segment.control !== null);
  const usual = held.filter(([, segment]) => segment.control === null);
  const lines = ordered.map(([mode, segment]) => el("span", { class: "does held" }, `${sayShort(mode, segment.value)} until ${showTime(segment.stop)}`));
  if (next) lines.push(el("span", { class: "does" }, `from ${showTime(next[2].start)} ${sayShort(next[0], next[2].value)}`));
  if (usual.length) lines.push(el("span", { class: "does" }, `default ${usual.map(([mode, segment]) => sayShort(mode, segment.value)).join(", ")}`));
  return lines.length ? lines : [el("span", { class: "does" }, "not controlled")];
}

function strip(modes, at) {
  const made = el("span", { class: "strip", "aria-hidden": "true" });
  for (const segment of Object.values(modes).flat()) {
    if (segment.control === null) continue;
    const bar = place(el("i"), segment, at);
    if (bar) made.append(bar);
  }
  return made;
}

// The time axis: it begins a sixth of its length before now.

const begin = (at) => at - shown.span / 6;

function place(element, { start, stop }, at) {
  const from = begin(at);
  const left = Math.max(0, start === null ? 0 : (start - from) / shown.span);
  const right = Math.min(1, stop === null ? 1 : (stop - from) / shown.span);
  if (right <= left) return null;
  element.style.left = `${left * 100}%`;
  element.style.width = `${(right - left) * 100}%`;
  return element;
}

function nowLine() {
  const line = el("span", { class: "now", "aria-hidden": "true" });
  line.style.left = `${100 / 6}%`;
  return line;
}

function drawPlan() {
  const at = now(), modes = Object.entries(shown.detail.modes);
  if (!modes.length) {
    fill($("plan"), el("p", { class: "none" }, "Nothing: no program of this site has a control or a default."));
    return;
  }
  const lanes = modes.map(([mode, segments]) => {
    const held = current(segments, at), next = following(segments, at);
    const track = el("div", { class: "track", role: "img", "aria-label": segments.map((each) => describe(mode, each)).join("; ") });
    for (const segment of segments) {
      const bar = place(el("span", { class: segment.control === null ? "segment usual" : "segment", title: describe(mode, segment) }, el("span", null, showValue(mode, segment.value))), segment, at);
      if (bar) track.append(bar);
      // Its text is behind the line that says now, where there is room.
      if (bar && segment === held) bar.style.paddingLeft = `calc(${100 / 6 - parseFloat(bar.style.left)}% + 0.4rem)`;
    }
    track.append(nowLine());
    const then = !held && !next ? "no more" : next ? `from ${showTime(next.start)} ${showValue(mode, next.value)}` : held.stop === null ? "until changed" : `until ${showTime(held.stop)}, then not controlled`;
    return el("div", { class: "lane" }, el("div", null, el("span", { class: "mode" }, nameMode(mode)), " ", el("strong", null, held ? showValue(mode, held.value) : "–"), " ", el("span", { class: "then" }, then)), track);
  });
  fill($("plan"), axis(at), ...lanes, el("p", { class: "key" }, el("span", null, el("i"), "control"), el("span", null, el("i", { class: "usual" }), "default"), el("span", null, `local time, ${showZone(at)}`)));
}

function describe(mode, segment) {
  const when = [segment.start !== null && `from ${showTime(segment.start)}`, segment.stop !== null && `until ${showTime(segment.stop)}`].filter(Boolean).join(" ");
  const source = segment.control === null ? `default of program ${segment.program}` : `control ${segment.control}`;
  return `${say(mode, segment.value)} ${when} (${source})`.replace(/ +/g, " ");
}

function axis(at) {
  const wide = $("plan").clientWidth > 640;
  const steps = [300, 600, 1800, 3600, 7200, 10800, 21600, 43200];
  const step = steps.find((each) => shown.span / each <= (wide ? 13 : 7));
  const from = begin(at), track = el("div", { class: "track", "aria-hidden": "true" });
  const shift = date(at).getTimezoneOffset() * 60;
  for (let tick = Math.ceil((from - shift) / step) * step + shift; tick < from + shown.span; tick += step) {
    const left = (tick - from) / shown.span;
    if (left < 0.03 || left > 0.97) continue;
    const mark = el("span", { class: "tick" }, shortTime.format(date(tick)));
    mark.style.left = `${left * 100}%`;
    track.append(mark);
  }
  return el("div", { class: "lane axis" }, el("div"), track);
}

// A site

function drawSite() {
  const site = shown.detail;
  $("empty").hidden = true;
  $("detail").hidden = false;
  $("site-name").textContent = nameSite(site);
  $("site-ids").textContent = [site.nmi && site.href, `LFDI ${site.lfdi}`].filter(Boolean).join("   ");
  drawPlan();
  drawPrograms(site);
  drawControls(site);
  drawResponses(site);
  drawStatus(site);
  drawReadings(site);
}

function drawPrograms(site) {
  const select = $("order").elements.program, chosen = select.value;
  const options = site.programs.map((each) => [String(each.program), `${each.program}: ${nameProgram(each)}, primacy ${each.primacy}`]);
  fill(select, ...[["", "the one for limits of this primacy"], ...options].map(([value, text]) => el("option", { value }, text)));
  select.value = options.some(([value]) => value === chosen) ? chosen : "";
  $("order").elements.primacy.disabled = select.value !== "";
}

// The programs that limits are put in by themselves are named after their site and primacy.
function nameProgram(program) {
  const limits = program.name.match(/^([0-9A-F]{40}|all sites) at primacy \d+$/);
  if (!limits) return program.name;
  return limits[1] === "all sites" ? "Limits of all sites" : limits[1] === shown.site ? "Limits of this site" : `Limits of ${limits[1]}`;
}

function drawControls(site) {
  if (!site.programs.length) {
    fill($("controls"), el("p", { class: "none" }, "None yet."));
    return;
  }
  const latest = new Map();
  for (const response of site.responses) if (!latest.has(response.control)) latest.set(response.control, response);
  fill($("controls"), ...site.programs.flatMap((program) => [
    el("div", { class: "program" }, el("b", null, nameProgram(program)), el("span", null, `primacy ${program.primacy}`), el("span", null, `program ${program.program}`),
      el("span", null, program.sites === "all" ? "for all sites" : program.sites === 1 ? "for this site" : `for ${number.format(program.sites)} sites`),
      el("span", null, `default: ${sayAll(program.default)}`)),
    program.controls.length ? el("table", { class: "controls" },
      el("thead", null, el("tr", null, ...["No.", "State", "What", "When", "Last response"].map((text) => el("th", { scope: "col" }, text)), el("th", { scope: "col" }, el("span", { class: "unseen" }, "Cancel")))),
      el("tbody", null, ...program.controls.map((control) => controlRow(program, control, latest.get(control.control))))) : null,
  ].filter(Boolean)));
}

function controlRow(program, control, response) {
  const open = control.state === "active" || control.state === "scheduled";
  const random = [["start", control.randomize_start], ["duration", control.randomize_duration]].filter(([, by]) => by).map(([what, by]) => `, ${what} randomized by ${by} s`).join("");
  const some = control.sites === "all" || control.sites === program.sites ? null : el("small", null, control.sites === 1 ? " this site alone" : ` ${number.format(control.sites)} sites`);
  const when = `${showTime(control.start)} to ${showTime(control.start + control.duration)}, ${showDuration(control.duration)}${random}`;
  const cancel = el("button", { type: "button", "data-key": `cancel ${control.control}`, "aria-label": `Cancel control ${control.control}`, click: () => send("api/cancel", { control: control.control }, `Control ${control.control} is cancelled.`) }, "Cancel");
  return el("tr", { class: open ? null : "done" },
    el("td", { title: `mRID ${control.mrid}` }, control.control),
    el("td", { class: `state ${control.state}` }, control.state),
    el("td", { class: "what" }, sayAll(control.modes), some),
    el("td", { class: "when" }, when),
    el("td", { class: "said" }, response ? `${response.text}, ${showTime(response.arrived)}` : open ? "none yet" : "none"),
    el("td", { class: "act" }, open ? cancel : null));
}

function drawResponses(site) {
  if (!site.responses.length) {
    fill($("responses"), el("p", { class: "none" }, "None yet. A client reads new controls at its next poll."));
    return;
  }
  fill($("responses"), el("table", null,
    el("thead", null, el("tr", null, ...["Arrived", "Status", "Control", "Happened"].map((text) => el("th", { scope: "col" }, text)))),
    el("tbody", null, ...site.responses.map((each) => el("tr", null,
      el("td", null, showTime(each.arrived, true)), el("td", null, `${each.status} ${each.text}`), el("td", null, each.control),
      el("td", null, each.created === null ? "" : showTime(each.created, true)))))));
}

function drawStatus(site) {
  const known = site.ders.filter((der) => der.facts.length);
  if (!known.length) {
    fill($("status"), el("p", { class: "none" }, "No DERStatus or DERSettings yet."));
    return;
  }
  fill($("status"), ...known.map((der) => el("div", { class: "der" },
    el("p", null, der.href, der.time === null ? "" : `   at ${showTime(der.time)}`),
    el("dl", null, ...der.facts.flatMap((fact) => [el("dt", null, fact.label), el("dd", { class: fact.alarm && "alarm" }, fact.value)])))));
}

function drawReadings(site) {
  if (!site.readings.length) {
    fill($("readings"), el("p", { class: "none" }, "None yet."));
    return;
  }
  fill($("readings"), el("table", null,
    el("thead", null, el("tr", null, el("th", { scope: "col" }, "Reading"), el("th", { scope: "col", class: "number" }, "Value"), el("th", { scope: "col", class: "number" }, "From"))),
    el("tbody", null, ...site.readings.map((each) => el("tr", null,
      el("td", null, [each.mirror, each.name].filter(Boolean).join(", ") || "unnamed"),
      el("td", { class: "number" }, `${number.format(each.value)} ${each.unit}`),
      el("td", { class: "number" }, each.time === null ? "" : showTime(each.time) + (each.duration ? ` for ${showDuration(each.duration)}` : "")))))));
}

// Orders

async function send(path, order, done) {
  try {
    const made = await ask(path, order);
    report(typeof done === "function" ? done(made) : done, false);
    return true;
  } catch (error) {
    report(error instanceof TypeError ? "The server does not respond." : error.message);
    return false;
  } finally {
    loadSite();
    loadList();
  }
}

$("order").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = $("order").elements, values = {};
  for (const name of ["op_mod_exp_lim_w", "op_mod_imp_lim_w", "op_mod_gen_lim_w", "op_mod_load_lim_w"]) {
    if (form[name].value !== "") values[name] = Number(form[name].value);
  }
  for (const name of ["op_mod_connect", "op_mod_energize"]) if (form[name].value !== "") values[name] = form[name].value === "true";
  if (!Object.keys(values).length) {
    report("Give a limit, or disconnect or de-energize.");
    form.op_mod_exp_lim_w.focus();
    return;
  }
  if (form.randomize_start.value) values.randomize_start = Number(form.randomize_start.value);
  const order = {
    site: form.target.value === "all" ? "all" : shown.site,
    program: form.program.value === "" ? null : Number(form.program.value),
    primacy: Number(form.primacy.value),
    duration: Math.round(Number(form.duration.value) * Number(form.duration_unit.value)),
    start: form.start.value === "" ? null : Math.floor(new Date(form.start.value).getTime() / 1000),
    values,
  };
  const who = order.site === "all" ? "all sites" : nameSite(shown.detail);
  await send("api/limit", order, (made) => `Control ${made.control} for ${who}: ${sayAll(values)}, for ${showDuration(order.duration)}.`);
});

$("order").elements.program.addEventListener("change", (event) => { $("order").elements.primacy.disabled = event.target.value !== ""; });

// The list can be searched, paged, and walked through by the arrow keys.

let typing;
$("find").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => { shown.find = $("find").value.trim(); shown.start = 0; loadList(); }, 150);
});
$("previous").addEventListener("click", () => { shown.start = Math.max(0, shown.start - PAGE); loadList(); });
$("next").addEventListener("click", () => { shown.start += PAGE; loadList(); });
$("sites").addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...$("sites").querySelectorAll("button")];
  const next = buttons[buttons.indexOf(document.activeElement) + step];
  if (next) next.focus();
});
$("spans").addEventListener("change", (event) => {
  shown.span = Number(event.target.value);
  if (shown.detail) drawPlan();
  if (shown.list) drawList();
});
addEventListener("resize", () => { if (shown.detail) drawPlan(); });

// Changes: an event stream, read by fetch since that can send the token in a header.

const loadListSoon = paced(loadList), loadSiteSoon = paced(loadSite);

function hear(change) {
  setClock({ ...change });
  const { kinds, sites } = change, all = sites === null;
  if (!kinds.length) return;
  if (kinds.includes("time") || all || sites.includes(shown.site)) loadSiteSoon();
  const listed = !shown.list || shown.list.sites.some((site) => all || sites.includes(site.lfdi));
  if (kinds.includes("sites") || kinds.includes("time") || (kinds.includes("controls") && (all || listed))) loadListSoon();
}

// A tab that nobody looks at has no stream: a browser has few connections for all tabs of a server together.
let stream = new AbortController();
const seen = () => new Promise((resolve) => {
  if (document.hidden) document.addEventListener("visibilitychange", resolve, { once: true });
  else resolve();
});
document.addEventListener("visibilitychange", () => { if (document.hidden) stream.abort(); });

async function listen() {
  for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
    try {
      await seen();
      stream = new AbortController();
      const response = await fetch("api/changes", { signal: stream.signal, headers: { authorization: `Bearer ${token}` }, cache: "no-store" });
      if (!response.ok) throw new Error(explain(await response.json()));
      setLive("live", "on");
      wait = 250;
      loadList();
      loadSite();
      const events = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ""; ;) {
        const { value, done } = await events.read();
        if (done) break;
        const whole = (rest + value).split("\n\n");
        rest = whole.pop();
        for (const event of whole) hear(JSON.parse(event.replace(/^data: /, "")));
      }
      setLive("connecting again", "off");
    } catch (error) {
      const paused = error.name === "AbortError", gone = error instanceof TypeError;
      setLive(paused ? "paused" : gone ? "no connection" : "refused", "off");
      if (!paused && !gone) report(error.message);
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function setLive(text, state) {
  $("live").textContent = text;
  $("live").className = state;
}

// The clock ticks here. Where it reaches a moment at which something begins or ends, the server is asked again.

let changeAt = Infinity;
setInterval(() => {
  drawClock();
  const at = now();
  if (at >= changeAt) { loadList(); loadSite(); }
  changeAt = nextChange([...(shown.list ? shown.list.sites.map((site) => site.modes) : []), ...(shown.detail ? [shown.detail.modes] : [])]);
  if (shown.detail && !clock.still && Math.floor(at) % 5 === 0) drawPlan();
}, 1000);

listen();
