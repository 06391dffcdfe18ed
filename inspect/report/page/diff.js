// The difference of two states, as asof diff gives it.
core.diff = (function () {
  var usual = ["id", "_id", "uuid", "guid", "sku", "key", "code"];

  function kind(v) {
    if (v === undefined) return 0;
    if (v === null) return 1;
    if (typeof v === "boolean") return 2;
    if (v instanceof core.Num) return 3;
    if (typeof v === "string") return 4;
    return Array.isArray(v) ? 5 : 6;
  }

  // canonical returns the same text for equal numbers, however they are written.
  function canonical(text) {
    var m = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(text);
    var frac = m[3] || "", digits = (m[2] + frac).replace(/^0+/, ""), exp = m[4] || "0";
    var cut = digits.replace(/0+$/, "");
    if (cut === "") return "0";
    var shift = digits.length - cut.length - frac.length;
    var power = exp.length < 15 ? String(Number(exp) + shift) : String(BigInt(exp.replace("+", "")) + BigInt(shift));
    return m[1] + cut + "e" + power;
  }

  // scalar returns the same text for equal scalars.
  function scalar(v) {
    if (v instanceof core.Num) return "n" + canonical(v.text);
    return kind(v) + (v === null ? "" : String(v));
  }

  // numbering returns a function that gives equal containers the same number. It numbers
  // the parts of a container first, each once, and does not recurse.
  function numbering() {
    var numbers = new Map(), known = new Map();
    function name(v) { return kind(v) < 5 ? JSON.stringify(scalar(v)) : String(numbers.get(v)); }

    function text(v) {
      if (Array.isArray(v)) return "[" + v.map(name).join() + "]";
      return "{" + Array.from(v.members.keys()).sort().map(function (k) {
        return JSON.stringify(k) + ":" + name(v.members.get(k));
      }).join() + "}";
    }

    return function (root) {
      for (var open = [root]; open.length > 0;) {
        var v = open[open.length - 1], before = open.length;
        if (!numbers.has(v)) {
          (Array.isArray(v) ? v : v.members).forEach(function (part) {
            if (kind(part) >= 5 && !numbers.has(part)) open.push(part);
          });
          if (open.length > before) continue;
          var content = text(v);
          if (!known.has(content)) known.set(content, known.size);
          numbers.set(v, known.get(content));
        }
        open.pop();
      }
      return numbers.get(root);
    };
  }

  // same compares scalars. Containers are compared by their keys and content.
  function same(a, b) { return kind(a) < 5 && kind(b) < 5 && scalar(a) === scalar(b); }

  // equal compares two values of any depth.
  core.equal = function (a, b) {
    for (var todo = [[a, b]]; todo.length > 0;) {
      var next = todo.pop(), x = next[0], y = next[1];
      if (x === y) continue;
      if (kind(x) !== kind(y)) return false;
      if (kind(x) < 5) {
        if (scalar(x) !== scalar(y)) return false;
        continue;
      }
      if (core.size(x) !== core.size(y)) return false;
      var parts = Array.isArray(y) ? y : y.members;
      (Array.isArray(x) ? x : x.members).forEach(function (v, k) {
        todo.push([v, Array.isArray(parts) ? parts[k] : parts.get(k)]);
      });
    }
    return true;
  };

  function tellsApart(run, key) {
    var seen = new Set();
    return run.every(function (v) {
      if (!(v instanceof core.Obj)) return true;
      var k = v.members.get(key);
      if (kind(k) !== 3 && kind(k) !== 4 || seen.has(scalar(k))) return false;
      seen.add(scalar(k));
      return true;
    });
  }

  // keyOf returns the member that identifies all objects of both runs, or "".
  function keyOf(a, b, prefer) {
    var first = a.concat(b).find(function (v) { return v instanceof core.Obj; });
    if (first === undefined) return "";
    var names = prefer;
    if (names === null) {
      names = usual.concat(Array.from(first.members.keys()).filter(function (k) { return /(Id|ID|_id)$/.test(k); }));
    }
    return names.find(function (k) { return tellsApart(a, k) && tellsApart(b, k); }) || "";
  }

  // number gives elements with the same identity the same number.
  function number(a, b, prefer, content) {
    var key = keyOf(a, b, prefer), ids = new Map();
    function identify(v) {
      var id = kind(v) < 5 ? scalar(v) :
        key !== "" && v instanceof core.Obj ? "k" + scalar(v.members.get(key)) : "c" + content(v);
      if (!ids.has(id)) ids.set(id, ids.size);
      return ids.get(id);
    }
    return { a: a.map(identify), b: b.map(identify), keyed: key !== "" };
  }

  // diff returns the changes from one value to another. prefer names the members that
  // identify elements; null: the usual ones. What is left to compare is on a stack, so any
  // depth is fine.
  return function (from, to, prefer) {
    var out = [], todo = [], parts = [], content = numbering();

    // at is where the pair stands: the last token, and what stands above it.
    function emit(op, a, b, at) {
      for (var tokens = []; at !== null; at = at.up) tokens.push(at.token);
      out.push({ op: op, path: core.join(tokens.reverse()), from: a, to: b });
    }

    // under adds a pair to those below the pair that is being compared. If whole, the
    // one replaces the other whatever they have in common.
    function under(up, token, a, b, whole) {
      parts.push({ at: { up: up, token: String(token) }, a: a, b: b, whole: whole });
    }

    function pair(a, b, at, whole) {
      if (a === b) return;
      if (a === undefined) emit("add", a, b, at);
      else if (b === undefined) emit("remove", a, b, at);
      else if (whole) emit("replace", a, b, at);
      else if (Array.isArray(a) && Array.isArray(b)) arrays(a, b, at);
      else if (a instanceof core.Obj && b instanceof core.Obj) objects(a, b, at);
      else if (!same(a, b)) emit("replace", a, b, at);
    }

    function objects(a, b, up) {
      a.members.forEach(function (v, k) { under(up, k, v, b.members.get(k)); });
      b.members.forEach(function (v, k) {
        if (!a.members.has(k)) under(up, k, undefined, v);
      });
    }

    function arrays(a, b, up) {
      var lo = 0, ea = a.length, eb = b.length;
      while (lo < ea && lo < eb && same(a[lo], b[lo])) lo++;
      while (ea > lo && eb > lo && same(a[ea - 1], b[eb - 1])) { ea--; eb--; }
      a = a.slice(lo, ea);
      b = b.slice(lo, eb);
      if (a.length === 0 || b.length === 0) {
        gap(a, b, null, 0, 0, lo, up);
        return;
      }
      var t = number(a, b, prefer, content), at = lo, i = 0, j = 0;
      core.lcs(t.a, t.b).concat([[a.length, b.length]]).forEach(function (m) {
        at = gap(a.slice(i, m[0]), b.slice(j, m[1]), t, i, j, at, up);
        i = m[0];
        j = m[1];
        if (i < a.length && j < b.length) under(up, at++, a[i], b[j]);
        i++;
        j++;
      });
    }

    // gap changes the elements a, which begin at index at, to b. Their numbers begin at ta
    // and tb. It returns the index after them.
    function gap(a, b, t, ta, tb, at, up) {
      for (var i = 0, j = 0; i < a.length || j < b.length;) {
        if (i < a.length && j < b.length) {
          var other = t.keyed && a[i] instanceof core.Obj && b[j] instanceof core.Obj && t.a[ta + i] !== t.b[tb + j];
          under(up, at++, a[i++], b[j++], other);
        } else if (i < a.length) {
          under(up, at, a[i++], undefined);
        } else {
          under(up, at++, undefined, b[j++]);
        }
      }
      return at;
    }

    for (todo.push({ at: null, a: from, b: to }); todo.length > 0;) {
      var next = todo.pop();
      parts = [];
      pair(next.a, next.b, next.at, next.whole);
      while (parts.length > 0) todo.push(parts.pop());
    }
    return out;
  };
})();
