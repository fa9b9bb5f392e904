'use strict';

// Asks the server every second and changes what has changed. Text of the server goes
// only into text nodes and attributes, never into markup.

const POLL = 1000;
const POLL_HIDDEN = 10000;
const GIVE_UP = 5000;
const FIRST_ROWS = 50;
const MORE_ROWS = 100;
const MANY = 10; // from here on there is something to filter
const MAX_TEXT = 1000;
const WINDOW = 600000;
const MAX_SEEN = 200;
// In the order of the list: what needs somebody is on top
const STATES = ['DROPPED', 'BACKOFF', 'CLOSING', 'STARTING', 'WAITING', 'REGISTERED', 'SERVING', 'STOPPED', 'FINISHED'];
const TROUBLED = ['DROPPED', 'BACKOFF', 'CLOSING', 'STARTING'];
const STARTABLE = ['STOPPED', 'FINISHED', 'DROPPED', 'REGISTERED', 'CLOSING'];
// How high a state stands in the timeline, so that it can be told without its colour
const HEIGHTS = { SERVING: 80, STARTING: 55, CLOSING: 40, BACKOFF: 25, DROPPED: 100, WAITING: 15, STOPPED: 10, FINISHED: 10,
  REGISTERED: 5, UNKNOWN: 100 };
const OVERLAP = 14; // pixels within which two crashes are drawn as one mark
const LARGE = 9; // half the width of a mark in pixels

const here = ownAddress(); // of the page itself
const settings = document.documentElement.dataset;

const model = {
  endpoints: new Map(), // by id, those the server has sent, in the order of the list
  detail: null, // the selected one with its policy, options and history
  selected: null, // its id
  seen: new Map(), // by id, states since this page was opened, oldest first
  ahead: 0, // how far the server's clock is ahead of ours
  awaySince: null,
  forbidden: null, // why there are no buttons
  filter: '',
  state: null,
  limit: FIRST_ROWS,
  many: false,
};
const rows = new Map(); // by id, those in the document
const chips = new Map(); // by state
let timer = null;
let polling = false;
let again = false;

const find = (id) => document.getElementById(id);
const number = new Intl.NumberFormat('en');
const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });

/** Without a user and password that somebody has typed: no request may have them. */
function ownAddress() {
  const address = new URL(document.currentScript.src.replace(/\/page\.js$/, ''));
  address.username = '';
  address.password = '';
  return address;
}

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

/** Gives a parent exactly so many children. */
function resize(parent, count, make) {
  while (parent.childElementCount > count) {
    parent.lastElementChild.remove();
  }
  while (parent.childElementCount < count) {
    parent.append(make());
  }
  return parent.children;
}

const svg = (kind) => document.createElementNS('http://www.w3.org/2000/svg', kind);

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

/** An ISO 8601 duration as Java writes it, in milliseconds. */
function milliseconds(iso) {
  const part = /^PT(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?[\d.]+)S)?$/.exec(iso);
  return part === null ? null : ((Number(part[1] ?? 0) * 60 + Number(part[2] ?? 0)) * 60 + Number(part[3] ?? 0)) * 1000;
}

function briefly(iso) {
  const time = milliseconds(iso);
  if (time === null) {
    return iso;
  }
  return time > 0 && time < 1000 ? `${Math.max(1, Math.round(time))} ms`
    : time % 1000 !== 0 && time < 10000 ? `${(time / 1000).toFixed(1)} s` : duration(time).replace(/(?<=.) 0 \w+$/, '');
}

const several = (count, one, more) => `${number.format(count)} ${count === 1 ? one : more}`;

const serverTime = () => Date.now() + model.ahead;

function moment(time) {
  return serverTime() - time < 86400000 ? clock.format(time) : `${day.format(time)}, ${clock.format(time)}`;
}

// ---- talking to the server

const address = (path) => new URL(path, here);

function ask(url, options = {}) {
  return fetch(url, { cache: 'no-store', credentials: 'same-origin', signal: AbortSignal.timeout(GIVE_UP), ...options,
    headers: { Accept: 'application/json', 'X-Requested-With': 'XMLHttpRequest', ...options.headers } });
}

/** The server has answered, but not with what was asked for. */
class Refused extends Error {
  constructor(response) {
    super(`${new URL(response.url).pathname} answered ${response.status}`);
    this.status = response.status;
  }
}

async function read(url) {
  const response = await ask(url);
  const data = response.ok && response.headers.get('Content-Type')?.includes('json');
  if (!data) {
    throw new Refused(response);
  }
  return response;
}

function list() {
  const url = address(settings.broker);
  url.searchParams.set('state', model.state ?? STATES.join());
  url.searchParams.set('limit', model.limit);
  if (model.filter !== '') {
    url.searchParams.set('contains', model.filter);
  }
  return url;
}

const one = (id) => address(`${settings.broker}/${encodeURIComponent(id)}`);

async function poll() {
  if (polling) {
    again = true;
    return;
  }
  polling = true;
  clearTimeout(timer);
  const begun = performance.now();
  do {
    again = false;
    await pollOnce();
  } while (again);
  polling = false;
  // With very many endpoints an answer takes a while: leave the browser time for more than us
  const pause = Math.max(POLL, 3 * (performance.now() - begun));
  timer = setTimeout(poll, document.hidden ? POLL_HIDDEN : pause);
}

async function pollOnce() {
  const selected = model.selected;
  try {
    const [broker, detail] = await Promise.all([read(list()), selected === null ? null : readOne(selected)]);
    model.ahead = clockOf(broker);
    const body = await broker.json();
    takeDetail(selected, detail);
    takeBroker(body);
    cameBack();
  } catch (error) {
    wentAway(error);
  }
}

/**
 * The selected endpoint may be unknown: its id is a part of the page's address, and the server
 * refuses some characters of a path (400).
 */
async function readOne(id) {
  try {
    return await (await read(one(id))).json();
  } catch (error) {
    if (error instanceof Refused && (error.status === 404 || error.status === 400)) {
      return null;
    }
    throw error;
  }
}

/** The header has no fraction of a second, so small differences are none. */
function clockOf(response) {
  const ahead = Date.parse(response.headers.get('Date')) + 500 - Date.now();
  return Math.abs(ahead) > 2000 ? ahead : 0;
}

function takeDetail(id, detail) {
  if (id !== model.selected) {
    return;
  }
  if (detail === null && id !== null) {
    model.selected = null;
    say(`There is no endpoint ${id}.`);
  }
  model.detail = detail;
}

function takeBroker(broker) {
  // The server has put them in this order, but an object of JavaScript lists names like 7070 first
  model.endpoints = new Map(Object.entries(broker.endpoints).sort(([, a], [, b]) => rank(a) - rank(b)));
  if (model.detail !== null) {
    model.endpoints.set(model.selected, model.detail);
  }
  for (const [id, endpoint] of model.endpoints) {
    remember(id, endpoint);
  }
  const all = Object.values(broker.states).reduce((sum, many) => sum + many, 0);
  renderVerdict(broker, all);
  renderChips(broker.states);
  model.many = all >= MANY;
  setHidden(find('controls'), !model.many && model.filter === '' && model.state === null);
  const shown = Object.keys(broker.endpoints).length;
  setText(find('count'), count(shown, shown + (broker.omitted ?? 0), all));
  setHidden(find('more'), broker.omitted === undefined);
  renderRows();
}

const rank = (endpoint) => STATES.indexOf(endpoint.state);

/** What is seen while the page is open is known better than what the history tells. */
function remember(id, endpoint) {
  const line = model.seen.get(id) ?? [];
  const at = Date.parse(endpoint.since);
  const last = line.at(-1);
  if (last === undefined || last.state !== endpoint.state || last.at !== at) {
    line.push({ at, state: endpoint.state });
    if (line.length > MAX_SEEN) {
      line.shift();
    }
    model.seen.set(id, line);
  }
}

function wentAway(error) {
  const reason = whyAway(error);
  if (model.awaySince === null) {
    model.awaySince = Date.now();
    document.body.classList.add('away');
    document.title = 'no answer · broker';
    verdict('unknown', 'no answer', '');
  }
  setText(find('away'), reason);
  setHidden(find('away'), false);
  if (!(error instanceof Refused) && !(error instanceof TypeError) && error.name !== 'TimeoutError') {
    console.warn(String(error)); // Not a matter of the network
  }
}

function whyAway(error) {
  const old = `What is shown is of ${clock.format(model.awaySince ?? Date.now())}, or nothing.`;
  if (!(error instanceof Refused)) {
    return `The server has not answered since ${clock.format(model.awaySince ?? Date.now())}. What is shown is old; `
      + 'trying again every second.';
  }
  switch (error.status) {
    case 200:
    case 401: return `You are not logged in, or not any more: reload the page. ${old}`;
    case 403: return `Your user may not read the actuator endpoint “broker”. ${old}`;
    case 404: return 'The actuator endpoint “broker” is not exposed, but this page needs it: see '
      + 'management.endpoints.web.exposure.include.';
    default: return `${error.message}. ${old}`;
  }
}

function cameBack() {
  if (model.awaySince !== null) {
    model.awaySince = null;
    document.body.classList.remove('away');
    setHidden(find('away'), true);
    say('The server answers again.');
  }
}

/** Tells those who do not see the page. */
function say(text) {
  find('said').textContent = text;
}

// ---- the verdict

function renderVerdict(broker, all) {
  const states = broker.states;
  const troubled = TROUBLED.reduce((sum, state) => sum + (states[state] ?? 0), 0);
  const shut = (broker.gates ?? []).filter((gate) => !gate.open && gate.waiting > 0);
  const sentence = inStates(states, all) + (shut.length > 0 ? ` Shut: ${shut.map((gate) => gate.name).join(', ')}.` : '');
  if (broker.health === 'DOWN') {
    verdict('down', 'DOWN', sentence);
  } else if (broker.state !== 'SERVING') {
    verdict('unknown', broker.state, `The broker does not run. ${sentence}`);
  } else if (troubled > 0 || shut.length > 0) {
    verdict('troubled', broker.health ?? 'SERVING', sentence);
  } else {
    verdict('up', broker.health ?? 'SERVING', sentence);
  }
  document.title = `${find('verdict-word').textContent} · ${settings.application || 'broker'}`;
}

function verdict(tone, word, reason) {
  const before = find('verdict').dataset.verdict;
  if (before !== tone && before !== 'unknown' && tone !== 'unknown') {
    say(`${word}. ${reason}`);
  }
  setAttribute(find('verdict'), 'data-verdict', tone);
  setAttribute(find('verdict').querySelector('use'), 'href', `#mark-${tone}`);
  setText(find('verdict-word'), word);
  setText(find('verdict-reason'), reason);
}

function inStates(states, all) {
  if (all === 0) {
    return 'There are no endpoints.';
  }
  if (states.SERVING === all) {
    return all === 1 ? 'The endpoint serves.' : `All ${number.format(all)} endpoints serve.`;
  }
  const parts = STATES.filter((state) => states[state] > 0)
    .map((state) => `${number.format(states[state])} ${state}`);
  return `Of ${several(all, 'endpoint', 'endpoints')}: ${parts.join(', ')}.`;
}

// ---- the list of endpoints

function count(shown, found, all) {
  if (all < MANY && found === all) {
    return '';
  }
  const of = found === all ? `${number.format(all)}` : `${number.format(found)} found of ${number.format(all)}`;
  return shown === found ? `Showing ${of}.` : `Showing the first ${number.format(shown)} of ${of}.`;
}

function renderRows() {
  const focused = document.activeElement;
  const place = rowOf(focused);
  const at = place === null ? -1 : [...rows.keys()].indexOf(place);
  const ids = inPlace([...model.endpoints.keys()], model.selected);
  arrange(ids);
  ids.forEach((id) => renderRow(rows.get(id), id, model.endpoints.get(id)));
  if (place !== null && document.activeElement !== focused) {
    // The keyboard must not lose its place when a row moves or goes
    const target = focused.isConnected ? focused : rows.get(ids[Math.min(at, ids.length - 1)])?.open;
    (target ?? find('filter')).focus({ preventScroll: true });
  }
}

function rowOf(element) {
  for (const [id, row] of rows) {
    if (row.root.contains(element)) {
      return id;
    }
  }
  return null;
}

/** The selected endpoint stays where it is, or it would jump away under the mouse. */
function inPlace(ids, selected) {
  const before = [...find('endpoints').children].indexOf(rows.get(selected)?.root);
  if (before >= 0 && ids.includes(selected)) {
    ids.splice(ids.indexOf(selected), 1);
    ids.splice(before, 0, selected);
  }
  return ids;
}

/** Makes the list show these ids in this order; rows that stay are not touched. */
function arrange(ids) {
  const element = find('endpoints');
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
    if (element.children[at] !== row) {
      element.insertBefore(row, element.children[at] ?? null);
    }
  });
}

function renderChips(states) {
  for (const [state, chip] of chips) {
    const many = states[state] ?? 0;
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
    poll();
  });
  return chip;
}

// ---- one endpoint

function newRow(id) {
  const root = copyOf('endpoint-template');
  const open = root.querySelector('.open');
  open.textContent = id;
  open.addEventListener('click', () => select(model.selected === id ? null : id));
  return { root, open, mark: root.querySelector('.state use'), word: root.querySelector('.word'),
    since: root.querySelector('.since'), figures: root.querySelector('.figures'),
    trouble: root.querySelector('.trouble'), detail: null };
}

function renderRow(row, id, endpoint) {
  setAttribute(row.root, 'data-state', endpoint.state);
  row.root.classList.toggle('down', endpoint.health === 'DOWN');
  setAttribute(row.mark, 'href', `#mark-${endpoint.state}`);
  setText(row.word, endpoint.state);
  setText(row.trouble, trouble(endpoint) ?? '');
  setHidden(row.trouble, row.trouble.textContent === '');
  const selected = model.selected === id && endpoint.history !== undefined;
  setAttribute(row.open, 'aria-expanded', selected);
  if (!selected && row.detail !== null) {
    row.detail.root.remove();
    row.detail = null;
  }
  if (selected && row.detail === null) {
    row.detail = newDetail(id);
    row.root.append(row.detail.root);
    // A page that embeds this one may add actions of its own
    document.dispatchEvent(new CustomEvent('broker:selected', { detail: { id,
      actions: row.detail.root.querySelector('.actions'), tell: (text, refused) => tell(id, text, refused) } }));
  }
  renderTimes(row, endpoint);
  if (row.detail !== null) {
    renderDetail(row.detail, id, endpoint);
  }
}

/** What is wrong, for who has not opened the endpoint yet. */
function trouble(endpoint) {
  if (endpoint.waitingFor !== undefined) {
    return `Waits for ${endpoint.waitingFor}`;
  }
  if (!TROUBLED.includes(endpoint.state) || endpoint.lastCrash === undefined) {
    return null;
  }
  return `${crashText(endpoint.lastCrash)}\n${endpoint.lastDecision ?? endpoint.lastCrash.decision}`;
}

/** All that changes by itself as time goes by. */
function renderTimes(row, endpoint) {
  setText(row.since, `for ${duration(serverTime() - Date.parse(endpoint.since))}`);
  setText(row.figures, figures(endpoint));
  if (row.detail !== null) {
    setHidden(row.detail.facts.nextStart.parentElement, endpoint.nextStart === undefined);
    setText(row.detail.facts.nextStart, nextStart(endpoint) ?? '');
  }
}

function figures(endpoint) {
  const next = nextStart(endpoint);
  const crashes = several(endpoint.crashes, 'crash', 'crashes');
  const restarts = several(endpoint.restarts, 'restart', 'restarts');
  return next === null ? `${crashes}, ${restarts}` : `${crashes}, next start ${next}`;
}

function nextStart(endpoint) {
  if (endpoint.nextStart === undefined) {
    return null;
  }
  const left = Date.parse(endpoint.nextStart) - serverTime();
  return left <= 0 ? 'now' : `in ${left < 10000 ? `${(left / 1000).toFixed(1)} s` : duration(left + 999)}`;
}

function crashText(crash) {
  return `${crash.type.slice(crash.type.lastIndexOf('.') + 1)}${messageText(crash.message ?? '')}`;
}

function messageText(message) {
  if (message === '' || message === '******') {
    return message && ' (its message is not shown)';
  }
  return `: ${message.length > MAX_TEXT ? `${message.slice(0, MAX_TEXT)}…` : message}`;
}

function select(id) {
  model.selected = id;
  model.detail = null;
  history.replaceState(null, '', id === null ? location.pathname + location.search : `#${encodeURIComponent(id)}`);
  renderRows();
  poll();
}

// ---- the details of the selected endpoint

function newDetail(id) {
  const root = copyOf('detail-template');
  root.setAttribute('aria-label', `Details of ${id}`);
  root.querySelector('.actions').setAttribute('aria-label', `Actions for ${id}`);
  for (const button of root.querySelectorAll('button')) {
    button.setAttribute('aria-label', `${button.textContent} ${id}`);
    button.addEventListener('click', () => act(id, button));
  }
  const facts = {};
  for (const fact of root.querySelectorAll('[data-fact]')) {
    facts[fact.dataset.fact] = fact;
  }
  root.querySelector('.json').href = one(id).href;
  const health = root.querySelector('.health');
  health.hidden = settings.health === '';
  health.href = address(`${settings.health}/broker/${encodeURIComponent(id)}`).href;
  return { root, facts, timeline: root.querySelector('.timeline'), outcome: root.querySelector('.outcome'),
    forbidden: root.querySelector('.forbidden'), history: root.querySelector('.history'),
    none: root.querySelector('.none'), settings: root.querySelector('.settings'),
    buttons: [...root.querySelectorAll('[data-action]')] };
}

function renderDetail(detail, id, endpoint) {
  for (const fact of ['incarnation', 'restarts', 'crashes', 'consecutiveErrors', 'drops', 'abandoned']) {
    setText(detail.facts[fact], number.format(endpoint[fact]));
  }
  // The row itself says what is wrong
  renderWords(detail.facts.lastDecision, trouble(endpoint) === null ? endpoint.lastDecision : null);
  renderButtons(detail, id, endpoint);
  renderHistory(detail, endpoint.history);
  renderSettings(detail.settings, endpoint);
  renderTimeline(detail.timeline, id, endpoint);
}

function renderWords(element, text) {
  setHidden(element.parentElement, !text);
  setText(element, text ?? '');
}

function renderButtons(detail, id, endpoint) {
  if (model.forbidden !== null && detail.buttons.includes(document.activeElement)) {
    rows.get(id).open.focus(); // What is hidden cannot have the focus
  }
  setText(detail.forbidden, model.forbidden ?? '');
  setHidden(detail.forbidden, model.forbidden === null);
  for (const button of detail.buttons) {
    setHidden(button, model.forbidden !== null);
    setAttribute(button, 'aria-disabled', !isPossible(button.dataset.action, endpoint.state));
  }
}

function isPossible(action, state) {
  switch (action) {
    case 'start': return STARTABLE.includes(state);
    case 'stop': return state !== 'STOPPED';
    default: return true;
  }
}

function renderHistory(detail, crashes) {
  setHidden(detail.none, crashes.length > 0);
  setHidden(detail.history, crashes.length === 0);
  const items = resize(detail.history, crashes.length, () => copyOf('crash-template'));
  crashes.forEach((crash, at) => {
    const item = items[at];
    const time = item.querySelector('time');
    setAttribute(time, 'datetime', crash.at);
    setText(time, `${moment(Date.parse(crash.at))},`);
    setText(item.querySelector('.phase'), `incarnation ${number.format(crash.incarnation)}, phase ${crash.phase}`);
    setText(item.querySelector('.what'), crashText(crash));
    setText(item.querySelector('.then'), crash.decision);
  });
}

/** Each setting under the name of its property. */
function renderSettings(element, endpoint) {
  const all = [...Object.entries(endpoint.policy).map(([name, value]) => [`restart.${property(name)}`, value]),
    ...Object.entries(endpoint.options).map(([name, value]) => [property(name), value])];
  const items = resize(element, all.length, () => {
    const item = document.createElement('div');
    item.append(document.createElement('dt'), document.createElement('dd'));
    return item;
  });
  all.forEach(([name, value], at) => {
    setText(items[at].firstElementChild, name);
    setText(items[at].lastElementChild, setting(value));
  });
}

function property(name) {
  return name.replace(/^health(?=[A-Z])/, 'health.').replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`)
    .toLowerCase();
}

function setting(value) {
  if (Array.isArray(value)) {
    return value.join(', ') || 'none';
  }
  return typeof value === 'string' && value.startsWith('PT') ? briefly(value) : String(value);
}

// ---- the timeline

function renderTimeline(timeline, id, endpoint) {
  const now = serverTime();
  const begin = now - WINDOW;
  const spans = spansOf(id, endpoint, now).filter((span) => span.to > begin);
  const crashes = endpoint.history.map((crash) => ({ ...crash, time: Date.parse(crash.at) }))
    .filter((crash) => crash.time >= begin).reverse();
  const percent = (time) => Math.min(100, Math.max(0, (time - begin) * 100 / WINDOW));
  const bars = resize(timeline.querySelector('.bars'), spans.length, () => svg('rect'));
  spans.forEach((span, at) => drawBar(bars[at], span, percent(span.from), percent(span.to)));
  const width = timeline.clientWidth || 600;
  const edge = 100 * LARGE / width;
  const groups = grouped(crashes, OVERLAP * WINDOW / width);
  const marks = resize(timeline.querySelector('.crashes'), groups.length, newMark);
  groups.forEach((group, at) =>
    drawCrashes(marks[at], group, Math.min(100 - edge, Math.max(edge, percent(middle(group))))));
  setAttribute(timeline, 'aria-label', inWords(id, spans, crashes, endpoint.history.length));
}

/**
 * Which state it was in from when to when: as the history tells, then as was seen. Nothing for
 * the time that nobody knows of.
 */
function spansOf(id, endpoint, now) {
  const seen = model.seen.get(id) ?? [];
  const first = seen[0]?.at ?? now;
  const spans = [];
  const crashes = endpoint.history.slice().reverse();
  crashes.forEach((crash, at) => {
    const time = Date.parse(crash.at);
    spans.push({ state: 'SERVING', from: time - (milliseconds(crash.served) ?? 0), to: time });
    const next = crashes[at + 1];
    const until = next === undefined ? first : Date.parse(next.at) - (milliseconds(next.served) ?? 0);
    const incarnation = next === undefined ? endpoint.incarnation : next.incarnation;
    // If an incarnation in between did not crash, somebody has stopped or restarted the endpoint
    spans.push({ state: incarnation - crash.incarnation <= 1 ? 'BACKOFF' : 'UNKNOWN', from: time, to: until });
  });
  return [...spans.map((span) => ({ ...span, to: Math.min(span.to, first) })),
    ...seen.map((change, at) => ({ state: change.state, from: change.at, to: seen[at + 1]?.at ?? now }))]
    .filter((span) => span.to > span.from);
}

function drawBar(bar, span, from, to) {
  const height = HEIGHTS[span.state] ?? 50;
  setAttribute(bar, 'data-state', span.state);
  setAttribute(bar, 'x', `${from.toFixed(2)}%`);
  setAttribute(bar, 'width', `${Math.max(0.15, to - from).toFixed(2)}%`);
  setAttribute(bar, 'y', `${100 - height}%`);
  setAttribute(bar, 'height', `${height}%`);
}

/** Crashes whose marks would overlap, together; oldest first. */
function grouped(crashes, distance) {
  const groups = [];
  for (const crash of crashes) {
    const group = groups.at(-1);
    if (group !== undefined && crash.time - group[0].time < distance) {
      group.push(crash);
    } else {
      groups.push([crash]);
    }
  }
  return groups;
}

const middle = (group) => (group[0].time + group.at(-1).time) / 2;

function newMark() {
  const mark = svg('g');
  mark.append(svg('title'), svg('circle'), svg('text'));
  return mark;
}

function drawCrashes(mark, group, at) {
  const [title, circle, text] = mark.children;
  const many = group.length;
  for (const [element, name, value] of [[circle, 'cx', `${at.toFixed(2)}%`], [circle, 'cy', 9], [circle, 'r', many > 1 ? LARGE - 1 : 5],
    [text, 'x', `${at.toFixed(2)}%`], [text, 'y', 9]]) {
    setAttribute(element, name, value);
  }
  setText(text, many > 1 ? String(many) : '');
  const told = group.slice(-5).reverse().map((crash) => `${clock.format(crash.time)} ${crashText(crash)}`);
  setText(title, [...(many > 1 ? [`${many} crashes`] : []), ...told, ...(many > 5 ? ['…'] : [])].join('\n'));
}

function inWords(id, spans, crashes, kept) {
  const totals = new Map();
  for (const span of spans.filter((each) => each.state !== 'UNKNOWN')) {
    totals.set(span.state, (totals.get(span.state) ?? 0) + 1);
  }
  const times = [...totals].map(([state, many]) => (many === 1 ? state : `${many} times ${state}`)).join(', ');
  // The history is bounded: there may have been more
  const many = crashes.length > 1 && crashes.length === kept ? 'at least ' : '';
  return `Last ${WINDOW / 60000} minutes of ${id}: ${times}; ${many}${several(crashes.length, 'crash', 'crashes')}`;
}

// ---- what the buttons do

async function act(id, button) {
  const action = button.dataset.action;
  const name = button.textContent.trim();
  if (button.getAttribute('aria-disabled') === 'true') {
    return tell(id, `${name} is not possible: ${id} is ${model.endpoints.get(id)?.state}.`, true);
  }
  try {
    const response = await ask(one(id), { method: 'POST', body: JSON.stringify({ action }),
      headers: { 'Content-Type': 'application/json', ...csrf() } });
    const refusal = isDone(response) ? null : await reason(response);
    tell(id, refusal ?? `${name} of ${id}: accepted.`, refusal !== null);
  } catch (error) {
    tell(id, `${name} of ${id}: the server did not answer.`, true);
  }
  poll();
}

const isDone = (response) => response.ok && !response.redirected;

/** The token of Spring Security's csrf.spa(), in its usual cookie and header. */
function csrf() {
  const cookie = document.cookie.split('; ').find((each) => each.startsWith('XSRF-TOKEN='));
  return cookie === undefined ? {} : { 'X-XSRF-TOKEN': decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1)) };
}

const TOKEN_MISSING = 'the server expects a CSRF token that is not in the cookie XSRF-TOKEN';

async function reason(response) {
  if (response.status === 401 || response.redirected) {
    // Without a session, Spring Security answers 401 to a missing token too
    return 'You are not logged in, or not any more: reload the page.'
      + ('X-XSRF-TOKEN' in csrf() ? '' : ` Or ${TOKEN_MISSING}.`);
  }
  if (response.status === 403) {
    model.forbidden = 'The server does not let you start, stop or restart endpoints (403): your user may only look, or '
      + `${TOKEN_MISSING}.`;
    return model.forbidden;
  }
  const told = await response.json().catch(() => ({}));
  return typeof told.error === 'string' ? told.error : `The server refused, with status ${response.status}.`;
}

function tell(id, text, refused) {
  renderRows();
  const outcome = rows.get(id)?.detail?.outcome;
  if (outcome !== undefined) {
    // The reason why there are no buttons stands where they were
    outcome.hidden = text === model.forbidden;
    outcome.textContent = text;
    outcome.classList.toggle('refused', refused);
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

/** The endpoint that the address names. */
function idOf(hash) {
  try {
    return hash === '' ? null : decodeURIComponent(hash.slice(1));
  } catch (error) {
    return null; // Nobody who came from this page has such an address
  }
}

function begin() {
  setText(find('application'), settings.application);
  if (settings.access !== 'UNRESTRICTED') {
    model.forbidden = 'Start, stop and restart are off: management.endpoint.broker.access=unrestricted would allow them.';
  } else if (window.top !== window.self) {
    model.forbidden = 'This page is shown inside another one, so it has no buttons: open it in a window of its own.';
  }
  for (const state of STATES) {
    chips.set(state, newChip(state));
    find('states').append(chips.get(state));
  }
  find('filter').addEventListener('input', (event) => {
    model.filter = event.target.value.trim();
    model.limit = FIRST_ROWS;
    poll();
  });
  find('more').addEventListener('click', () => {
    model.limit += MORE_ROWS;
    poll();
  });
  setHidden(find('health-link'), settings.health === '');
  find('health-link').href = address(settings.health).href;
  if (settings.broker === '') {
    setText(find('away'), 'The actuator endpoint “broker” is not exposed, but this page needs it: see '
      + 'management.endpoints.web.exposure.include.');
    setHidden(find('away'), false);
    return;
  }
  setHidden(find('json-link'), false);
  find('json-link').href = address(settings.broker).href;
  model.selected = idOf(location.hash);
  document.addEventListener('visibilitychange', () => document.hidden || poll());
  setInterval(tick, 200);
  poll();
}

begin();
