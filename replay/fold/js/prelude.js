(function (native) {
  const G = globalThis;
  const apply = Reflect.apply;
  const method = (o, name, value) =>
    Object.defineProperty(o, name, { value, writable: true, enumerable: false, configurable: true });

  // Code from strings is off: an expression in a payload stays text.
  const off = () => { throw new EvalError('code from strings is off in a fold'); };
  const NoFunction = function Function() { off(); };
  NoFunction.prototype = Function.prototype;
  for (const f of [function () {}, function* () {}, async function () {}])
    method(Object.getPrototypeOf(f), 'constructor', NoFunction);
  method(G, 'Function', NoFunction);
  method(G, 'eval', function (x) { off(); });

  // "__proto__" is an ordinary key, not access to the prototypes.
  delete Object.prototype.__proto__;

  // A single call could allocate all memory as a typed array. Uint8Array remains, with
  // a limit on its length; the other types are removed.
  const Bytes = Uint8Array;
  for (const name of ['ArrayBuffer', 'SharedArrayBuffer', 'DataView', 'Atomics', 'Int8Array',
    'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array',
    'Float64Array', 'BigInt64Array', 'BigUint64Array'])
    delete G[name];
  method(Object.getPrototypeOf(new Bytes(0).buffer), 'constructor', function ArrayBuffer() { throw new TypeError('a fold has no raw memory'); });
  const maxBytes = 1 << 20;
  const bufferLength = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(new Bytes(0).buffer), 'byteLength').get;
  const isBuffer = (x) => {
    try { apply(bufferLength, x, []); return true; } catch (_) { return false; }
  };
  const NoMoreThan = function Uint8Array(items, ...rest) {
    if (new.target === undefined) throw new TypeError("Uint8Array needs 'new'");
    const isObject = typeof items === 'object' && items !== null || typeof items === 'function';
    if (!isObject) items = +items;
    else if (!isBuffer(items)) items = Array.from(items);
    if ((isObject ? items.length : items) > maxBytes) throw new RangeError('Invalid typed array length');
    return Reflect.construct(Bytes, [items, ...rest], new.target);
  };
  Object.setPrototypeOf(NoMoreThan, Object.getPrototypeOf(Bytes));
  Object.defineProperty(NoMoreThan, 'prototype', { value: Bytes.prototype, writable: false });
  method(NoMoreThan, 'BYTES_PER_ELEMENT', 1);
  method(Bytes.prototype, 'constructor', NoMoreThan);
  method(G, 'Uint8Array', NoMoreThan);

  // Time zones differ from machine to machine: a fold is in UTC.
  const Real = Date, P = Real.prototype;
  const onlyDate = /^[+-]?\d{4,6}(-\d\d(-\d\d)?)?$/;
  const isoLocal = /^[+-]?\d{4,6}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.]\d+)?)?$/;
  const zoned = /(Z|GMT|UTC)\s*(\([^)]*\))?$|:\d\d([.]\d+)?\s*(GMT|UTC)?[+-]\d\d:?\d\d\s*(\([^)]*\))?$/i;
  const parse = function (text) {
    text = String(text).trim();
    if (onlyDate.test(text) || zoned.test(text)) return Real.parse(text);
    return Real.parse(isoLocal.test(text) ? text.replace(' ', 'T') + 'Z' : text + ' GMT');
  };
  const UTCDate = function Date(value) {
    const n = arguments.length;
    if (new.target === undefined) return new Real().toString();
    let d;
    if (n === 0) d = new Real();
    else if (n > 1) d = new Real(apply(Real.UTC, null, arguments));
    else {
      if (typeof value === 'object' && value !== null && !(value instanceof Real)) value = value.valueOf();
      d = new Real(typeof value === 'string' ? parse(value) : value);
    }
    if (new.target !== UTCDate) Object.setPrototypeOf(d, new.target.prototype);
    return d;
  };
  UTCDate.prototype = P;
  method(P, 'constructor', UTCDate);
  method(UTCDate, 'now', Real.now);
  method(UTCDate, 'UTC', Real.UTC);
  method(UTCDate, 'parse', parse);
  method(G, 'Date', UTCDate);
  for (const part of ['FullYear', 'Month', 'Date', 'Hours', 'Minutes', 'Seconds', 'Milliseconds']) {
    method(P, 'get' + part, P['getUTC' + part]);
    method(P, 'set' + part, P['setUTC' + part]);
  }
  method(P, 'getDay', P.getUTCDay);
  method(P, 'getYear', function () { return this.getUTCFullYear() - 1900; });
  method(P, 'getTimezoneOffset', function () { return this.getTime() * 0; });
  const iso = P.toISOString, utc = P.toUTCString;
  const valid = (f) => function () { return Number.isNaN(this.getTime()) ? 'Invalid Date' : f(this); };
  const words = (d) => { const [day, n, m, y] = apply(utc, d, []).replace(',', '').split(' '); return `${day} ${m} ${n} ${y}`; };
  const clock = (d) => apply(iso, d, []).replace(/^.*T/, '').slice(0, 8);
  const numbers = (d) => { const [y, m, n] = apply(iso, d, []).replace(/T.*$/, '').split('-').slice(-3); return `${m}/${n}/${y}`; };
  method(P, 'toDateString', valid(words));
  method(P, 'toTimeString', valid((d) => `${clock(d)} GMT+0000 (UTC)`));
  method(P, 'toString', valid((d) => `${words(d)} ${clock(d)} GMT+0000 (UTC)`));
  method(P, 'toLocaleDateString', valid(numbers));
  method(P, 'toLocaleTimeString', valid(clock));
  method(P, 'toLocaleString', valid((d) => `${numbers(d)}, ${clock(d)}`));

  // The members of the script's own objects, by names that UTF-8 may have no form for.
  const keys = Object.keys, defineProperty = Object.defineProperty;
  const put = (o, k, value) => { defineProperty(o, k, { value, writable: true, enumerable: true, configurable: true }); };
  native.keys = keys;
  native.get = (o, k) => o[k];
  native.put = put;

  // Numbers stay exact through JSON, and so does half of a surrogate pair.
  const realParse = JSON.parse;
  const halves = /[\ud800-\udfff]|\\u[dD][89a-fA-F]/;
  const revive = (holder, key, f) => {
    const v = holder[key];
    if (typeof v === 'object' && v !== null && !native.isNumber(v))
      for (const k of keys(v)) {
        const x = revive(v, k, f);
        if (x === undefined) delete v[k];
        else put(v, k, x);
      }
    return apply(f, holder, [key, v]);
  };
  method(JSON, 'parse', function (text, reviver) {
    text = String(text);
    const own = typeof reviver !== 'function';
    if (own || halves.test(text)) {
      const v = native.parseJSON(text);
      if (v !== undefined) return own ? v : revive({ '': v }, '', reviver);
    }
    return realParse(text, reviver);
  });

  // The engine's gives back as it is what is no number.
  const realSign = Math.sign;
  method(Math, 'sign', function sign(x) { return realSign(+x); });

  // What the engine lacks.
  const clone = (v, seen) => {
    if (typeof v === 'function' || typeof v === 'symbol') throw new TypeError(`${String(v)} could not be cloned`);
    if (typeof v !== 'object' || v === null || native.isNumber(v)) return v;
    if (seen.has(v)) return seen.get(v);
    let c;
    if (v instanceof Real) return new Real(v.getTime());
    if (v instanceof RegExp) return new RegExp(v.source, v.flags);
    if (v instanceof Map) {
      seen.set(v, c = new Map());
      for (const [k, x] of v) c.set(clone(k, seen), clone(x, seen));
    } else if (v instanceof Set) {
      seen.set(v, c = new Set());
      for (const x of v) c.add(clone(x, seen));
    } else if (Array.isArray(v)) {
      seen.set(v, c = []);
      for (let i = 0; i < v.length; i++) c[i] = clone(v[i], seen);
    } else {
      seen.set(v, c = {});
      for (const k of Object.keys(v)) c[k] = clone(v[k], seen);
    }
    return c;
  };
  method(G, 'structuredClone', function structuredClone(v) { return clone(v, new Map()); });
  const grouped = (items, f, add) => { let i = 0; for (const x of items) add(f(x, i++), x); };
  if (!Object.groupBy) method(Object, 'groupBy', function groupBy(items, f) {
    const out = Object.create(null);
    grouped(items, f, (k, x) => { const key = typeof k === 'symbol' ? k : String(k); (out[key] ??= []).push(x); });
    return out;
  });
  if (!Map.groupBy) method(Map, 'groupBy', function groupBy(items, f) {
    const out = new Map();
    grouped(items, f, (k, x) => { if (out.has(k)) out.get(k).push(x); else out.set(k, [x]); });
    return out;
  });

  // KurrentDB writes only a value's own enumerable properties.
  const plain = (v) => {
    if (typeof v === 'bigint') return v.toString();
    if (typeof v !== 'function' && typeof v !== 'object' || v === null || native.isNumber(v)) return v;
    if (Array.isArray(v)) return Array.from(v, plain);
    const o = {};
    for (const k of Object.keys(v)) o[k] = plain(v[k]);
    return o;
  };
  native.plain = plain;

  const log = native.log;
  method(G, 'log', log);
  method(G, 'console', { log, info: log, warn: log, error: log, debug: log });
})
