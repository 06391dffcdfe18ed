(function (native) {
  const apply = Reflect.apply;
  const method = (o, name, value) =>
    Object.defineProperty(o, name, { value, writable: true, enumerable: false, configurable: true });
  const isText = (x) => typeof x === 'string';

  // The engine can stop a script between two steps, but not inside a built-in
  // function. Each built-in function therefore gets limited arguments.
  const maxString = 1 << 26;  // characters of a string
  const maxParsed = native.maxParsed; // of a string to split or parse
  const maxArguments = 1 << 20;
  const maxBits = 1 << 20;    // of a BigInt
  const maxPower = 1 << 16;
  const maxLength = native.maxLength;
  const refuse = (what) => { throw new RangeError('Invalid ' + what); };
  const bounded = (o, name, arrange) => {
    const builtin = o[name];
    method(o, name, function (...args) { return apply(builtin, this, arrange(this, args) ?? args); });
  };

  // Functions that make strings. Arguments are converted once, before the check.
  const text = (n) => { if (!(n <= maxString)) refuse('string length'); };
  bounded(String.prototype, 'repeat', (s, [n]) => {
    s = String(s), n = Math.trunc(+n) || 0;
    if (n < Infinity) text(s.length * n);
    return [n];
  });
  for (const name of ['padStart', 'padEnd'])
    bounded(String.prototype, name, (s, [n, ...fill]) => { text(n = +n || 0); return [n, ...fill.map((x) => x === undefined ? x : String(x))]; });
  bounded(String.prototype, 'concat', (s, args) => {
    args = args.map((x) => String(x));
    text(args.reduce((n, x) => n + x.length, String(s).length));
    return args;
  });
  for (const name of ['replace', 'replaceAll'])
    bounded(String.prototype, name, (s, [what, by]) => {
      if (!isText(by)) return;
      s = String(s);
      const times = name === 'replace' && isText(what) ? 1 : s.length / (isText(what) ? what.length || 1 : 1) + 1;
      const around = by.split('$`').length + by.split("$'").length - 2;
      text(s.length + times * (by.length + around * s.length));
    });
  bounded(String.prototype, 'split', (s) => { if (String(s).length > maxParsed) refuse('string length'); });
  bounded(String, 'raw', (_, [t]) => { if (t?.raw?.length > maxArguments) refuse('array length'); });
  const matches = Object.getPrototypeOf(''.matchAll(/a/g));
  bounded(matches, 'next', () => {}); // a step of the script

  // Argument lists.
  const list = (args) => { if (args?.length > maxArguments) refuse('array length'); };
  bounded(Function.prototype, 'apply', (_, args) => list(args[1]));
  bounded(Reflect, 'apply', (_, args) => list(args[2]));
  bounded(Reflect, 'construct', (_, args) => list(args[1]));

  // Arrays and array-like objects.
  const A = Array.prototype;
  const length = (n) => { if (n > maxLength) refuse('array length'); };
  const briefly = (builtin, name) => // a faster bounded, for frequent calls
    method(A, name, function (...args) {
      if (this.length > maxLength) refuse('array length');
      return apply(builtin, this, args);
    });
  for (const name of ['copyWithin', 'every', 'filter', 'find', 'findIndex', 'findLast', 'findLastIndex', 'flatMap',
    'forEach', 'includes', 'indexOf', 'lastIndexOf', 'map', 'reduce', 'reduceRight', 'reverse', 'shift',
    'slice', 'some', 'sort', 'splice', 'toLocaleString', 'toReversed', 'toSorted', 'toSpliced', 'unshift', 'with'])
    briefly(A[name], name);
  bounded(A, 'join', (a, args) => {
    length(a.length);
    if (args[0] !== undefined) text((args[0] = String(args[0])).length * a.length);
  });
  bounded(Object.getPrototypeOf(Uint8Array.prototype), 'join', (a, args) => {
    if (args[0] !== undefined) text((args[0] = String(args[0])).length * a.length);
  });
  bounded(A, 'concat', (a, args) => {
    let n = a.length ?? 1;
    for (const x of args) n += Array.isArray(x) ? x.length : 1;
    length(n);
  });
  const fill = A.fill;
  method(A, 'fill', function (value, from, to) {
    const n = this.length;
    length(n);
    if (n <= 1 << 17) return apply(fill, this, arguments);
    const at = (i, otherwise) => (i === undefined ? otherwise : (i = Math.trunc(+i) || 0) < 0 ? Math.max(n + i, 0) : Math.min(i, n));
    for (let i = at(from, 0), end = at(to, n); i < end; i++) this[i] = value;
    return this;
  });
  const flatten = (out, a, depth) => {
    length(a.length);
    for (let i = 0; i < a.length; i++)
      if (i in a) depth > 0 && Array.isArray(a[i]) ? flatten(out, a[i], depth - 1) : out.push(a[i]);
    return out;
  };
  method(A, 'flat', function (depth = 1) { return flatten([], this, Math.trunc(+depth) || 0); });
  const from = Array.from;
  method(Array, 'from', function (items, ...rest) {
    if (items !== null && items !== undefined) length(items.length);
    return apply(from, this, [items, ...rest]);
  });

  // JSON for the engine's own parser.
  bounded(JSON, 'parse', (_, args) => {
    const t = args[0] = String(args[0]);
    if (t.length > maxParsed) refuse('string length');
    if (native.isDeep(t)) refuse('JSON: it nests too deeply');
  });

  bounded(JSON, 'stringify', (_, [x]) => { if (Array.isArray(x)) length(x.length); });

  // BigInts: their size in bits, and operators that make them (see boundBigInts).
  const bits = (n) => { if (n > maxBits) refuse('BigInt length'); };
  for (const name of ['asIntN', 'asUintN'])
    bounded(BigInt, name, (_, [n, x]) => { bits(n = +n); return [n, x]; });
  const Big = BigInt;
  const most = 1n << 1048576n;
  const small = (x) => { if (typeof x === 'bigint' && (x > most || x < -most)) refuse('BigInt length'); };
  bounded(Big.prototype, 'toString', small);
  const operand = (max) => {
    max = Big(max);
    return (x) => {
      if (typeof x === 'object' && x !== null || typeof x === 'function') x = -(-x);
      if (typeof x === 'bigint' && (x > max || x < -max)) refuse('BigInt length');
      return x;
    };
  };
  const hidden = (name, value) => Object.defineProperty(globalThis, name, { value });
  hidden(native.exponent, operand(maxPower));
  hidden(native.shift, operand(maxBits));
})
