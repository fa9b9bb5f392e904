'use strict';

// What the sample adds to the starter's page: the exchange, the feed, and a button that
// crashes an endpoint.
(() => {
  const POLL = 1000;
  const GIVE_UP = 5000;
  const MAX_METHODS = 60;

  const find = (id) => document.getElementById(id);
  const number = new Intl.NumberFormat('en');
  let calls = null; // the last reading: how many, and when

  function setText(element, text) {
    if (element.textContent !== text) {
      element.textContent = text;
    }
  }

  async function ask(path, options = {}) {
    return fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(GIVE_UP), ...options });
  }

  async function read(path) {
    const response = await ask(path);
    if (!response.ok) {
      throw new Error(`${path} answered ${response.status}`);
    }
    return response.json();
  }

  async function poll() {
    try {
      const [exchange, price] = await Promise.all([read('sample/exchange'), read('sample/price')]);
      showExchange(exchange);
      showPrice(price);
    } catch (error) {
      calls = null; // The page itself tells that the server does not answer
    }
    setTimeout(poll, POLL);
  }

  function showExchange(exchange) {
    setText(find('clients'), number.format(exchange.clients));
    setText(find('calls'), number.format(exchange.calls));
    showRate(exchange.calls);
    showMethods(exchange.methods);
  }

  function showRate(many) {
    const now = performance.now();
    const before = calls;
    calls = { many, now };
    if (before !== null && many >= before.many) {
      const rate = (many - before.many) * 1000 / (now - before.now);
      setText(find('rate'), number.format(rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate)));
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

  /** The feed keeps its latest price while its source is away. */
  function showPrice(price) {
    if (price.value !== null) {
      setText(find('price'), price.value);
      setText(find('price-age'), `${Math.max(0, Math.floor((Date.now() - price.at) / 1000))} s ago`);
    }
  }

  document.addEventListener('broker:selected', (event) => {
    const { id, actions, tell } = event.detail;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'crash';
    button.textContent = 'Crash';
    button.setAttribute('aria-label', `Crash ${id}`);
    button.addEventListener('click', async () => {
      try {
        const response = await ask(`sample/crash/${encodeURIComponent(id)}`, { method: 'POST' });
        const told = response.ok ? {} : await response.json();
        tell(response.ok ? `Crash of ${id}: accepted.` : told.error, !response.ok);
      } catch (error) {
        tell(`Crash of ${id}: the server did not answer.`, true);
      }
    });
    actions.append(button);
  });

  poll();
})();
