'use strict';

// Asks the server every second and changes what has changed. Text of the server goes
// only into text nodes and attributes, never into markup.

const POLL = 1000;
const POLL_HIDDEN = 10000;
const GIVE_UP = 5000;
const FIRST_ROWS = 50;
const MORE_ROWS = 100;
const MAX_METHODS = 60;
const MAX_TEXT = 1000;
const STATES = ['SERVING', 'STARTING', 'CLOSING', 'BACKOFF', 'DROPPED', 'STOPPED', 'FINISHED', 'REGISTERED'];
const STARTABLE = ['STOPPED', 'FINISHED', 'DROPPED', 'REGISTERED', 'CLOSING'];
const CRASHABLE = ['SERVING', 'STARTING'];
// How high a state stands in the timeline, so that it can be told without its colour
const HEIGHTS = { SERVING: 80, STARTING: 55, CLOSING: 40, BACKOFF: 25, DROPPED: 100, STOPPED: 10, FINISHED: 10, REGISTERED: 5 };

const model = {
  endpoints: new Map(), // by id, as the actuator describes them
  lines: new Map(), // by id, changes, oldest first
  run: null, // which run of the server the lines are of
  last: 0, // the last change that is known
  window: 600000,
  ahead: 0, // how far the server's clock is ahead of ours
  crashEnabled: false,
  calls: null, // the last reading: how many, and when
  awaySince: null,
  filter: '',
  state: null,
  limit: FIRST_ROWS,
};
const rows = new Map(); // by id, those in the document
const chips = new Map(); // by state
let timer = null;
let polling = false;

const find = (id) => document.getElementById(id);
const number = new Intl.NumberFormat('en');
const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' });

// ---- small tools

function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== String(value)) {
    element.setAttribute(name, value);
  }
}

function setHidden(element, hidden) {
  if (element.hidden !== hidden) {
    element.hidden = hidden;
  }
}

function copyOf(template) {
  return find(template).content.firstElementChild.cloneNode(true);
}

/** Gives a parent exactly so many SVG children of a kind. */
function resize(parent, count, kind) {
  while (parent.childElementCount > count) {
    parent.lastElementChild.remove();
  }
  while (parent.childElementCount < count) {
    parent.append(document.createElementNS('http://www.w3.org/2000/svg', kind));
  }
  return parent.children;
}

function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) {
    return `${seconds} s`;
  }
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  }
  if (seconds < 86400) {
    return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
  }
  return `${Math.floor(seconds / 86400)} d ${Math.floor(seconds % 86400 / 3600)} h`;
}

const serverTime = () => Date.now() + model.ahead;

// ---- talking to the server

async function ask(path, options = {}) {
  return fetch(path, { cache: 'no-store', headers: { Accept: 'application/json' },
    signal: AbortSignal.timeout(GIVE_UP), ...options });
}

async function read(path) {
  const response = await ask(path);
  if (!response.ok) {
    throw new Error(`${path} answered ${response.status}`);
  }
  return response.json();
}

async function poll() {
  if (polling) {
    return;
  }
  polling = true;
  clearTimeout(timer);
  const begun = performance.now();
  try {
    const [broker, timeline, exchange, price] = await Promise.all([read('/actuator/broker'),
      read(`/sample/timeline?after=${model.last}`), read('/sample/exchange'), read('/sample/price')]);
    takeTimeline(timeline);
    takeBroker(broker);
    takeExchange(exchange);
    takePrice(price);
    cameBack();
  } catch (error) {
    wentAway(error);
  } finally {
    polling = false;
  }
  // With very many endpoints an answer takes a while: leave the browser time for more than us
  const pause = Math.max(POLL, 3 * (performance.now() - begun));
  timer = setTimeout(poll, document.hidden ? POLL_HIDDEN : pause);
}

function takeTimeline(timeline) {
  model.ahead = timeline.now - Date.now();
  model.window = timeline.window;
  if (timeline.run !== model.run) {
    const known = model.run;
    model.run = timeline.run;
    model.lines.clear();
    model.last = 0;
    if (known !== null) {
      return; // Another server: what came is only the end of its lines
    }
  }
  for (const [id, changes] of Object.entries(timeline.changes)) {
    const line = model.lines.get(id) ?? [];
    line.push(...changes);
    forget(line, timeline.now - model.window);
    model.lines.set(id, line);
  }
  model.last = timeline.last;
}

/** Forgets what was over before a time, as the server does. */
function forget(line, time) {
  let over = 0;
  while (over + 1 < line.length && (line[over + 1].at < time || line.length - over > 120)) {
    over++;
  }
  line.splice(0, over);
}

function takeBroker(broker) {
  model.endpoints = new Map(Object.entries(broker.endpoints));
  setText(find('broker-state'), `${broker.state}, ${number.format(model.endpoints.size)} `
    + (model.endpoints.size === 1 ? 'endpoint' : 'endpoints'));
  render();
}

function takeExchange(exchange) {
  model.crashEnabled = exchange.methods.includes('sample.crash');
  setText(find('clients'), number.format(exchange.clients));
  setText(find('calls'), number.format(exchange.calls));
  showRate(exchange.calls);
  showMethods(exchange.methods);
}

/** The feed keeps its latest price while its source is away. */
function takePrice(price) {
  if (price.value !== null) {
    setText(find('price'), price.value);
    setText(find('price-age'), `${duration(serverTime() - price.at)} ago`);
  }
}

function showMethods(methods) {
  const names = methods.slice(0, MAX_METHODS);
  if (methods.length > MAX_METHODS) {
    names.push(`and ${number.format(methods.length - MAX_METHODS)} more`);
  }
  const list = find('methods');
  while (list.childElementCount > names.length) {
    list.lastElementChild.remove();
  }
  while (list.childElementCount < names.length) {
    list.append(document.createElement('li'));
  }
  names.forEach((name, at) => setText(list.children[at], name));
}

function showRate(calls) {
  const now = performance.now();
  const before = model.calls;
  model.calls = { calls, now };
  if (before !== null && calls >= before.calls) {
    const rate = (calls - before.calls) * 1000 / (now - before.now);
    setText(find('rate'), number.format(rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate)));
  }
}

function wentAway(error) {
  if (model.awaySince === null) {
    model.awaySince = Date.now();
    model.calls = null;
    document.body.classList.add('away');
    find('away').hidden = false;
    setText(find('away'), `The server has not answered since ${clock.format(model.awaySince)}. What is shown is old; `
      + 'trying again every second.');
    setText(find('broker-state'), 'no answer');
  }
  if (!(error instanceof TypeError) && error.name !== 'TimeoutError') {
    console.warn(String(error)); // Not a matter of the network
  }
}

function cameBack() {
  if (model.awaySince !== null) {
    model.awaySince = null;
    document.body.classList.remove('away');
    find('away').hidden = true;
    say('The server answers again.');
  }
}

/** Tells those who do not see the page. */
function say(text) {
  find('said').textContent = text;
}

// ---- the list of endpoints

function render() {
  renderChips();
  const found = [...model.endpoints.keys()].filter(isWanted);
  const shown = found.slice(0, model.limit);
  setText(find('count'), count(shown.length, found.length, model.endpoints.size));
  setHidden(find('more'), shown.length === found.length);
  place(shown);
  shown.forEach((id) => renderRow(rows.get(id), id, model.endpoints.get(id)));
}

function isWanted(id) {
  if (!id.toLowerCase().includes(model.filter)) {
    return false;
  }
  // What has the focus stays, or the keyboard would lose its place
  return model.state === null || model.endpoints.get(id).state === model.state
    || rows.get(id)?.root.contains(document.activeElement) === true;
}

function count(shown, found, all) {
  if (all === 0) {
    return 'There are no endpoints.';
  }
  const of = found === all ? `${number.format(all)}` : `${number.format(found)} found of ${number.format(all)}`;
  return shown === found ? `Showing ${of}.` : `Showing the first ${number.format(shown)} of ${of}.`;
}

/** Makes the list show these ids in this order; rows that stay are not touched. */
function place(ids) {
  const list = find('endpoints');
  const wanted = new Set(ids);
  for (const [id, row] of rows) {
    if (!wanted.has(id)) {
      row.root.remove();
      rows.delete(id);
    }
  }
  ids.forEach((id, at) => {
    if (!rows.has(id)) {
      rows.set(id, newRow(id));
    }
    const row = rows.get(id).root;
    if (list.children[at] !== row) {
      list.insertBefore(row, list.children[at] ?? null);
    }
  });
}

function renderChips() {
  const counts = new Map();
  for (const endpoint of model.endpoints.values()) {
    counts.set(endpoint.state, (counts.get(endpoint.state) ?? 0) + 1);
  }
  for (const [state, chip] of chips) {
    const many = counts.get(state) ?? 0;
    setText(chip.querySelector('.number'), number.format(many));
    setAttribute(chip, 'aria-pressed', model.state === state);
    setHidden(chip, many === 0 && model.state !== state && document.activeElement !== chip);
  }
}

function newChip(state) {
  const chip = copyOf('state-template');
  chip.dataset.state = state;
  chip.hidden = true;
  chip.querySelector('use').setAttribute('href', `#mark-${state}`);
  chip.querySelector('.word').textContent = state;
  chip.addEventListener('click', () => {
    model.state = model.state === state ? null : state;
    model.limit = FIRST_ROWS;
    render();
  });
  return chip;
}

// ---- one endpoint

function newRow(id) {
  const root = copyOf('endpoint-template');
  root.querySelector('h3').textContent = id;
  root.querySelector('.actions').setAttribute('aria-label', `Actions for ${id}`);
  for (const button of root.querySelectorAll('button')) {
    button.setAttribute('aria-label', `${button.textContent} ${id}`);
    button.addEventListener('click', () => act(id, button));
  }
  const facts = {};
  for (const fact of root.querySelectorAll('[data-fact]')) {
    facts[fact.dataset.fact] = fact;
  }
  return { root, facts, mark: root.querySelector('.state use'), word: root.querySelector('.word'),
    since: root.querySelector('.since'), timeline: root.querySelector('.timeline'),
    begin: root.querySelector('.begin'), outcome: root.querySelector('.outcome'),
    buttons: [...root.querySelectorAll('button')] };
}

function renderRow(row, id, endpoint) {
  setAttribute(row.root, 'data-state', endpoint.state);
  setAttribute(row.mark, 'href', `#mark-${endpoint.state}`);
  setText(row.word, endpoint.state);
  for (const fact of ['incarnation', 'restarts', 'crashes', 'consecutiveErrors']) {
    setText(row.facts[fact], number.format(endpoint[fact]));
  }
  renderWords(row.facts.lastCrash, crashText(endpoint.lastCrash));
  renderWords(row.facts.lastDecision, endpoint.lastDecision);
  row.buttons.forEach((button) => renderButton(button, endpoint));
  renderTimes(row, endpoint);
  renderTimeline(row, id, endpoint);
}

function renderWords(element, text) {
  setHidden(element.parentElement, !text);
  setText(element, text ?? '');
}

function renderButton(button, endpoint) {
  const action = button.dataset.action;
  setHidden(button, action === 'crash' && !model.crashEnabled);
  setAttribute(button, 'aria-disabled', !isPossible(action, endpoint.state));
}

function isPossible(action, state) {
  switch (action) {
    case 'crash': return CRASHABLE.includes(state);
    case 'start': return STARTABLE.includes(state);
    case 'stop': return state !== 'STOPPED';
    default: return true;
  }
}

/** All that changes by itself as time goes by. */
function renderTimes(row, endpoint) {
  setText(row.since, `for ${duration(serverTime() - Date.parse(endpoint.since))}`);
  setHidden(row.facts.nextStart.parentElement, endpoint.nextStart === undefined);
  setText(row.facts.nextStart, nextStart(endpoint));
}

function nextStart(endpoint) {
  if (endpoint.nextStart === undefined) {
    return '';
  }
  const left = Date.parse(endpoint.nextStart) - serverTime();
  return left <= 0 ? 'now' : `in ${left < 10000 ? `${(left / 1000).toFixed(1)} s` : duration(left + 999)}`;
}

function crashText(crash) {
  if (crash === undefined) {
    return null;
  }
  const type = crash.type.slice(crash.type.lastIndexOf('.') + 1);
  return `${type}${messageText(crash.message ?? '')}\nIncarnation ${crash.incarnation}, phase ${crash.phase}, at ${clock.format(Date.parse(crash.at))}`;
}

function messageText(message) {
  if (message === '' || message === '******') {
    return message && ' (its message is not shown)';
  }
  return `: ${message.length > MAX_TEXT ? `${message.slice(0, MAX_TEXT)}…` : message}`;
}

// ---- the timeline

function renderTimeline(row, id, endpoint) {
  const now = serverTime();
  const begin = now - model.window;
  const line = model.lines.get(id) ?? [];
  const spans = spansOf(line, endpoint, begin, now);
  const crashes = line.filter((change) => change.crash && change.at >= begin);
  const percent = (time) => Math.min(100, Math.max(0, (time - begin) * 100 / model.window));
  const bars = resize(row.timeline.querySelector('.bars'), spans.length, 'rect');
  spans.forEach((span, at) => drawBar(bars[at], span, percent(span.from), percent(span.to)));
  const marks = resize(row.timeline.querySelector('.crashes'), crashes.length * 2, 'circle');
  crashes.forEach((change, at) => drawCrash(marks[at * 2], marks[at * 2 + 1], percent(change.at)));
  setText(row.begin, `${model.window / 60000} min ago`);
  setAttribute(row.timeline, 'aria-label', inWords(id, spans, crashes.length));
}

/** Which state it was in from when to when; nothing for the time before it was there. */
function spansOf(line, endpoint, begin, now) {
  const changes = line.slice();
  const latest = changes.at(-1);
  if (latest === undefined || latest.state !== endpoint.state) {
    changes.push({ at: Date.parse(endpoint.since), state: endpoint.state });
  }
  return changes
    .map((change, at) => ({ state: change.state, from: change.at, to: changes[at + 1]?.at ?? now }))
    .filter((span) => span.to > begin);
}

function drawBar(bar, span, from, to) {
  const height = HEIGHTS[span.state] ?? 50;
  setAttribute(bar, 'data-state', span.state);
  setAttribute(bar, 'x', `${from.toFixed(2)}%`);
  setAttribute(bar, 'width', `${Math.max(0.15, to - from).toFixed(2)}%`);
  setAttribute(bar, 'y', `${100 - height}%`);
  setAttribute(bar, 'height', `${height}%`);
}

function drawCrash(ring, dot, at) {
  for (const [circle, radius] of [[ring, 5], [dot, 2]]) {
    setAttribute(circle, 'cx', `${at.toFixed(2)}%`);
    setAttribute(circle, 'cy', '7');
    setAttribute(circle, 'r', radius);
  }
}

function inWords(id, spans, crashes) {
  const totals = new Map();
  for (const span of spans) {
    totals.set(span.state, (totals.get(span.state) ?? 0) + 1);
  }
  const times = [...totals].map(([state, many]) => (many === 1 ? state : `${many} times ${state}`)).join(', ');
  return `Last ${model.window / 60000} minutes of ${id}: ${times}; ${crashes} ${crashes === 1 ? 'crash' : 'crashes'}`;
}

// ---- what the buttons do

async function act(id, button) {
  const action = button.dataset.action;
  if (button.getAttribute('aria-disabled') === 'true') {
    return outcome(id, `${button.textContent} is not possible: ${id} is ${model.endpoints.get(id)?.state}.`, true);
  }
  try {
    const response = await send(id, action);
    const refusal = response.ok ? null : await reason(response);
    outcome(id, refusal ?? `${button.textContent} of ${id}: accepted.`, refusal !== null);
  } catch (error) {
    outcome(id, `${button.textContent} of ${id}: the server did not answer.`, true);
  }
  poll();
}

function send(id, action) {
  if (action === 'crash') {
    return ask(`/sample/crash/${encodeURIComponent(id)}`, { method: 'POST' });
  }
  return ask(`/actuator/broker/${encodeURIComponent(id)}`, { method: 'POST', body: JSON.stringify({ action }),
    headers: { Accept: 'application/json', 'Content-Type': 'application/json' } });
}

async function reason(response) {
  const told = await response.json().catch(() => ({}));
  return typeof told.error === 'string' ? told.error : `The server refused, with status ${response.status}.`;
}

function outcome(id, text, refused) {
  const row = rows.get(id);
  if (row !== undefined) {
    row.outcome.hidden = false;
    row.outcome.textContent = text;
    row.outcome.classList.toggle('refused', refused);
  }
  say(text);
}

// ---- to work

function tick() {
  if (!document.hidden && model.awaySince === null) {
    for (const [id, row] of rows) {
      renderTimes(row, model.endpoints.get(id));
    }
  }
}

for (const state of STATES) {
  chips.set(state, newChip(state));
  find('states').append(chips.get(state));
}
find('filter').addEventListener('input', (event) => {
  model.filter = event.target.value.trim().toLowerCase();
  model.limit = FIRST_ROWS;
  render();
});
find('more').addEventListener('click', () => {
  model.limit += MORE_ROWS;
  render();
});
document.addEventListener('visibilitychange', () => document.hidden || poll());
setInterval(tick, 200);
poll();
