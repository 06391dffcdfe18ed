// What follows runs the projection: its API as far as a fold of one stream needs
// it, and exact decimals.

const assert = require('node:assert');
const test = require('node:test');
const vm = require('node:vm');

class Decimal {
  // A number is n / 10^p.
  constructor(v) {
    if (v instanceof Decimal) { this.n = v.n; this.p = v.p; return; }
    const m = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(String(v).trim());
    if (!m || !(m[2] || m[3])) throw new TypeError(`Decimal needs a number, not ${v}`);
    const digits = m[2] + (m[3] ?? '');
    this.n = BigInt(digits) * (m[1] === '-' ? -1n : 1n);
    this.p = (m[3] ?? '').length - Number(m[4] ?? 0);
    if (this.p < 0) { this.n *= 10n ** BigInt(-this.p); this.p = 0; }
  }
  static of(n, p) { const d = Object.create(Decimal.prototype); d.n = n; d.p = p; return d; }
  static from(v) { return v instanceof Decimal ? v : new Decimal(v); }
  static all(args) { return (args.length === 1 && Array.isArray(args[0]) ? args[0] : [...args]).map(Decimal.from); }
  static sum(...args) { return Decimal.all(args).reduce((a, b) => a.plus(b), new Decimal(0)); }
  static min(...args) { return Decimal.all(args).reduce((a, b) => (b.lt(a) ? b : a)); }
  static max(...args) { return Decimal.all(args).reduce((a, b) => (b.gt(a) ? b : a)); }
  at(p) { return this.n * 10n ** BigInt(p - this.p); }
  both(v, f) { const o = Decimal.from(v), p = Math.max(this.p, o.p); return f(this.at(p), o.at(p), p); }
  plus(v) { return this.both(v, (a, b, p) => Decimal.of(a + b, p)); }
  minus(v) { return this.both(v, (a, b, p) => Decimal.of(a - b, p)); }
  times(v) { const o = Decimal.from(v); return Decimal.of(this.n * o.n, this.p + o.p); }
  div(v, places, mode) {
    const o = Decimal.from(v);
    if (o.n === 0n) throw new RangeError('Decimal: division by zero');
    const p = places ?? 40, extra = 6;
    const scaled = this.n * 10n ** BigInt(p + extra + o.p);
    const d = o.n * 10n ** BigInt(this.p);
    let q = scaled / d;
    if (scaled % d !== 0n && q % 10n === 0n) q += (scaled < 0n) === (d < 0n) ? 1n : -1n; // what was cut counts when it is rounded
    const r = Decimal.of(q, p + extra).round(p, mode);
    return places === undefined ? r.trim(Math.max(this.p - o.p, 0)) : r;
  }
  trim(least) {
    let { n, p } = this;
    while (p > least && n % 10n === 0n) { n /= 10n; p--; }
    return Decimal.of(n, p);
  }
  round(places = 0, mode = 'half-even') {
    if (this.p <= places) return Decimal.of(this.at(places), places);
    const unit = 10n ** BigInt(this.p - places), neg = this.n < 0n, abs = neg ? -this.n : this.n;
    let q = abs / unit;
    const rest = (abs % unit) * 2n;
    const up = {
      'half-even': rest > unit || (rest === unit && q % 2n === 1n), 'half-up': rest >= unit, 'half-down': rest > unit,
      'up': rest > 0n, 'down': false, 'ceil': rest > 0n && !neg, 'ceiling': rest > 0n && !neg, 'floor': rest > 0n && neg,
    }[mode];
    if (up === undefined) throw new RangeError(`Decimal: rounding ${mode}`);
    if (up) q += 1n;
    return Decimal.of(neg ? -q : q, places);
  }
  neg() { return Decimal.of(-this.n, this.p); }
  abs() { return this.n < 0n ? this.neg() : this; }
  cmp(v) { return this.both(v, (a, b) => (a < b ? -1 : a > b ? 1 : 0)); }
  eq(v) { return this.cmp(v) === 0; }
  lt(v) { return this.cmp(v) < 0; }
  lte(v) { return this.cmp(v) <= 0; }
  gt(v) { return this.cmp(v) > 0; }
  gte(v) { return this.cmp(v) >= 0; }
  isZero() { return this.n === 0n; }
  isNegative() { return this.n < 0n; }
  toFixed(places = 0, mode) { return this.round(places, mode).toString(); }
  toString() {
    const digits = String(this.n < 0n ? -this.n : this.n).padStart(this.p + 1, '0');
    const sign = this.n < 0n ? '-' : '';
    return sign + (this.p ? digits.slice(0, -this.p) + '.' + digits.slice(-this.p) : digits);
  }
  toNumber() { return Number(this.toString()); }
  valueOf() { return this.toNumber(); }
  toJSON() { return this.toNumber(); }
}
Decimal.prototype.add = Decimal.prototype.plus;
Decimal.prototype.sub = Decimal.prototype.minus;
Decimal.prototype.mul = Decimal.prototype.times;
const decimal = new Proxy(Decimal, { apply: (_, __, args) => new Decimal(...args) });

// A projection is {init(), step(state, event)}.
function load() {
  const handlers = {};
  const chain = new Proxy({}, { get: (_, name) => (arg) => { if (name === 'when') Object.assign(handlers, arg); return chain; } });
  const select = () => chain;
  const scope = vm.createContext({
    fromAll: select, fromStream: select, fromStreams: select, fromCategory: select, fromCategories: select,
    options() {}, emit() {}, linkTo() {}, copyTo() {}, linkStreamTo() {}, log() {}, console: { log() {} },
    Decimal: decimal, structuredClone,
  });
  const wrapped = `(function (s, e) { let state = s; const event = e; ${source}\n; return s !== arguments[0] ? s : state; })`;
  const asInline = () => { try { return vm.runInContext(`(${source}\n)`, scope); } catch { return vm.runInContext(wrapped, scope); } };
  const value = kind === 'inline' ? asInline() : vm.runInContext(source, scope);
  if (Object.keys(handlers).length > 0) return projection(handlers);
  const fold = typeof value === 'function' ? value : scope.fold;
  if (typeof fold !== 'function') throw new Error('the source defines no fold');
  return { init: () => (scope.init && typeof value !== 'function' ? scope.init() : {}), step: (state, event) => fold(state, event) };
}

function projection(handlers) {
  let created = false;
  return {
    init: () => (handlers.$init ? handlers.$init() : {}),
    step(state, event) {
      if (!created && handlers.$created) state = handlers.$created(state, event) ?? state;
      created = true;
      const handler = handlers[event.type] ?? handlers.$any;
      return handler ? handler(state, event) : state;
    },
  };
}

function mergePatch(target, patch) { // RFC 7396
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch;
  const out = target !== null && typeof target === 'object' && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else out[key] = mergePatch(out[key], value);
  }
  return out;
}

// plain makes numbers of the decimals in a state, as it is stored.
function plain(v) {
  if (v instanceof Decimal) return v.toNumber();
  if (v === null || typeof v !== 'object') return v;
  for (const key of Object.keys(v)) v[key] = plain(v[key]);
  return v;
}

function view(e) {
  return {
    ...e, body: e.data, bodyRaw: JSON.stringify(e.data), isJson: true, streamId: e.stream, sequenceNumber: e.version,
    eventId: e.id, eventType: e.type, created: e.time, metadataRaw: JSON.stringify(e.metadata), partition: e.stream,
  };
}

function run(events) {
  const fold = kind === 'merge' ? { init: () => ({}), step: (s, e) => mergePatch(s, e.data) }
    : kind === '' ? { init: ownInit, step: ownFold } : load();
  let state = plain(fold.init() ?? {});
  let last = null;
  for (const e of events) {
    last = view(structuredClone(e));
    state = plain(fold.step(state, last) ?? state);
  }
  return { state, last };
}

test(name, () => {
  const { state, last } = run(given);
  assert.strictEqual(isGood(state, last), true, `the state is bad, since not ${condition}: ${JSON.stringify(state)}`);
});
