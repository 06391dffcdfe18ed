"use strict";
// The history of the page: the state at every event, who set each part of it, the history
// of a path and the difference of two states. It gives the same answers as asof's verbs
// replay, blame, blame --history and diff, and knows nothing of documents.
//
// A value is null, a boolean, a string, a Num, an array or an Obj. Values never change.
var core = (function () {
  // A Num is a number as it was written: 0.10 and 9007199254740993 stay what they are.
  function Num(text) { this.text = text; }

  // An Obj is an object. Its members keep their order, and no name means anything.
  function Obj() { this.members = new Map(); }

  // parse reads JSON without white space. It does not recurse, so any depth is fine.
  function parse(s) {
    var i = 0, open = [], into = null, key = "", root;
    function put(v) {
      if (into === null) root = v;
      else if (Array.isArray(into)) into.push(v);
      else into.members.set(key, v);
    }
    function string() {
      var from = i, end = i, b;
      do {
        end = s.indexOf('"', end + 1);
        for (b = end - 1; s.charCodeAt(b) === 92; b--);
      } while ((end - b) % 2 === 0);
      i = end + 1;
      var text = s.slice(from, i);
      return text.indexOf("\\") < 0 ? text.slice(1, -1) : JSON.parse(text);
    }
    function scalar() {
      var from = i;
      while (i < s.length && ",]}".indexOf(s[i]) < 0) i++;
      var text = s.slice(from, i);
      if (text === "null") return null;
      if (text === "true" || text === "false") return text === "true";
      return new Num(text);
    }
    while (i < s.length) {
      switch (s[i]) {
        case "{":
        case "[":
          var c = s[i++] === "[" ? [] : new Obj();
          put(c);
          open.push(into);
          into = c;
          break;
        case "}":
        case "]":
          into = open.pop();
          i++;
          break;
        case ",":
        case ":":
          i++;
          break;
        case '"':
          var text = string();
          if (s[i] === ":") key = text;
          else put(text);
          break;
        default:
          put(scalar());
      }
    }
    return root;
  }

  function isContainer(v) { return Array.isArray(v) || v instanceof Obj; }
  function size(v) { return Array.isArray(v) ? v.length : v.members.size; }

  // within returns the part of a value that tokens lead to, or undefined.
  function within(v, tokens) {
    for (var i = 0; i < tokens.length && v !== undefined; i++) {
      if (v instanceof Obj) v = v.members.get(tokens[i]);
      else if (Array.isArray(v) && index(tokens[i]) >= 0) v = v[index(tokens[i])];
      else v = undefined;
    }
    return v;
  }

  // index reads a token as the index of an element, which has one spelling; -1: it is none.
  function index(token) {
    return /^(0|[1-9][0-9]{0,9})$/.test(token) ? Number(token) : -1;
  }

  function split(path) {
    if (path === "") return [];
    return path.slice(1).split("/").map(function (t) { return t.replace(/~1/g, "/").replace(/~0/g, "~"); });
  }

  function join(tokens) { return tokens.map(function (t) { return "/" + escape(t); }).join(""); }
  function escape(token) { return token.replace(/~/g, "~0").replace(/\//g, "~1"); }

  // isBelow reports whether a path is another one, or below it.
  function isBelow(path, top) { return path.startsWith(top) && (path.length === top.length || path[top.length] === "/"); }

  // A Slot is a place of the live state: its value, and the event that set it.
  function Slot(value, by, op) {
    this.value = value;
    this.by = by;      // index of the event; BEFORE; undefined: set with what is around it
    this.op = op;
    this.last = undefined; // what last changed anything inside
    this.kids = null;  // slots of the parts, once something looked inside; value is old then
  }
  var BEFORE = -1;

  function open(slot) {
    if (slot.kids !== null) return;
    if (Array.isArray(slot.value)) {
      slot.kids = slot.value.map(function (v) { return new Slot(v); });
    } else {
      slot.kids = new Map();
      slot.value.members.forEach(function (v, k) { slot.kids.set(k, new Slot(v)); });
    }
  }

  // part returns the slot of a part, or undefined.
  function part(slot, token) {
    open(slot);
    return Array.isArray(slot.kids) ? slot.kids[index(token)] : slot.kids.get(token);
  }

  // valueOf returns the value of a slot, which shares what nothing looked into.
  function valueOf(slot) {
    function shell(s) { return s.kids === null ? s.value : Array.isArray(s.kids) ? [] : new Obj(); }
    var root = shell(slot), todo = slot.kids === null ? [] : [[slot, root]];
    while (todo.length > 0) {
      var next = todo.pop(), from = next[0], to = next[1];
      from.kids.forEach(function (kid, key) {
        var v = shell(kid);
        if (Array.isArray(to)) to.push(v);
        else to.members.set(key, v);
        if (kid.kids !== null) todo.push([kid, v]);
      });
    }
    return root;
  }

  // A History is the states from the opening one to the one after the last event.
  // at is the number of events that the live state has.
  function History(opening, events) {
    this.root = new Slot(opening, BEFORE, "");
    this.events = events;
    this.at = 0;
    this.undo = [];
  }

  // go moves the live state. A step costs what its event changed.
  History.prototype.go = function (n) {
    while (this.at < n) this.forward();
    while (this.at > n) {
      var undo = this.undo.pop();
      while (undo.length > 0) undo.pop()();
      this.at--;
    }
  };

  History.prototype.forward = function () {
    var undo = [], changes = this.events[this.at].changes;
    for (var i = 0; i < changes.length; i++) this.apply(changes[i], undo);
    this.undo.push(undo);
    this.at++;
  };

  function misfit(c) { return new Error("change " + c.op + " " + c.path + " does not fit the state"); }

  History.prototype.apply = function (c, undo) {
    var self = this, by = this.at, old = this.root;
    if (c.tokens === undefined) c.tokens = split(c.path);
    if (c.tokens.length === 0) {
      c.elem = false;
      this.root = new Slot(after(c, old), by, c.op);
      undo.push(function () { self.root = old; });
      return;
    }
    var slot = this.root, end = c.tokens.length - 1;
    for (var i = 0; i <= end; i++) {
      if (slot === undefined || slot.kids === null && !isContainer(slot.value)) throw misfit(c);
      open(slot);
      undo.push(restore(slot, slot.last));
      slot.last = by;
      if (i < end) slot = part(slot, c.tokens[i]);
    }
    c.elem = Array.isArray(slot.kids);
    if (c.elem) setElem(slot.kids, c, by, undo);
    else setMember(slot, c, by, undo);
  };

  function restore(slot, last) { return function () { slot.last = last; }; }

  function setElem(kids, c, by, undo) {
    var at = index(c.tokens[c.tokens.length - 1]);
    if (at < 0 || at > kids.length || c.op !== "add" && at === kids.length) throw misfit(c);
    var old = kids[at];
    if (c.op === "add") {
      kids.splice(at, 0, new Slot(c.to, by, c.op));
      undo.push(function () { kids.splice(at, 1); });
    } else if (c.op === "remove") {
      kids.splice(at, 1);
      undo.push(function () { kids.splice(at, 0, old); });
    } else {
      kids[at] = new Slot(after(c, old), by, c.op);
      undo.push(function () { kids[at] = old; });
    }
  }

  function setMember(slot, c, by, undo) {
    var key = c.tokens[c.tokens.length - 1], kids = slot.kids, old = kids.get(key);
    if ((c.op === "add") !== (old === undefined)) throw misfit(c);
    if (c.op === "remove") {
      var rest = Array.from(kids);
      kids.delete(key);
      undo.push(function () { slot.kids = new Map(rest); });
      return;
    }
    kids.set(key, new Slot(after(c, old), by, c.op));
    undo.push(old === undefined ? function () { slot.kids.delete(key); } : function () { slot.kids.set(key, old); });
  }

  // after returns the value that a change sets. Of a long text, the change has what was
  // cut and put.
  function after(c, slot) {
    if (c.splice === undefined) return c.to;
    var text = slot.value, s = c.splice;
    if (typeof text !== "string" || text.substr(s.at, s.cut.length) !== s.cut) throw misfit(c);
    return text.slice(0, s.at) + s.put + text.slice(s.at + s.cut.length);
  }

  // value returns the state after n events, and leaves the live state where it is.
  History.prototype.value = function (n) {
    var at = this.at;
    this.go(n);
    var v = valueOf(this.root);
    this.go(at);
    return v;
  };

  // has reports whether the live state has a path.
  History.prototype.has = function (path) {
    var slot = this.root, tokens = split(path);
    for (var i = 0; i < tokens.length && slot !== undefined; i++) {
      slot = slot.kids === null && !isContainer(slot.value) ? undefined : part(slot, tokens[i]);
    }
    return slot !== undefined;
  };

  // setter returns what set a leaf: its own event, or that of what is around it. An empty
  // container was set by what removed its last part.
  function setter(slot, by) { return slot.last !== undefined ? slot.last : by; }

  // blame returns [path, event] of each scalar and each empty container, in their order.
  History.prototype.blame = function () {
    var out = [], todo = [["", this.root, this.root.by]];
    while (todo.length > 0) {
      var next = todo.pop(), path = next[0], slot = next[1], by = next[2];
      var leaf = slot.kids !== null ? (Array.isArray(slot.kids) ? slot.kids.length : slot.kids.size) === 0 :
        !isContainer(slot.value) || size(slot.value) === 0;
      if (leaf) {
        out.push([path, setter(slot, by)]);
        continue;
      }
      open(slot);
      var kids = [];
      slot.kids.forEach(function (kid, key) {
        kids.push([path + "/" + escape(String(key)), kid, kid.by === undefined ? by : kid.by]);
      });
      while (kids.length > 0) todo.push(kids.pop());
    }
    return out;
  };

  // isAnother reports whether a change replaces one object by another.
  function isAnother(c) { return c.op === "replace" && c.from instanceof Obj && c.to instanceof Obj; }

  // moves reports whether a change moves elements that a path may be in, or is one itself.
  function moves(c, end) {
    if (!c.elem || c.op === "replace" && !isAnother(c) || c.tokens.length > end.length) return false;
    for (var i = 0; i < c.tokens.length; i++) {
      if (c.tokens[i] !== end[i] && (index(c.tokens[i]) < 0 || index(end[i]) < 0)) return false;
    }
    return true;
  }

  // touching returns the part of a change that is at a path or below it, or null.
  function touching(c, tokens, path) {
    if (isBelow(c.path, path)) return c;
    if (!isBelow(path, c.path)) return null;
    var rest = tokens.slice(c.tokens.length), from = within(c.from, rest), to = within(c.to, rest);
    if (from === undefined && to === undefined) return null;
    return { op: from === undefined ? "add" : to === undefined ? "remove" : "replace", path: path, from: from, to: to };
  }

  // history returns the events that set a path of the live state, newest first: {event,
  // changes}. It follows an element through the insertions and removals before it.
  History.prototype.history = function (path) {
    var out = [], tokens = split(path), exists = this.has(path), end = tokens.slice();
    for (var e = this.at - 1; e >= 0; e--) {
      var changes = this.events[e].changes, parts = [], born = false;
      for (var i = changes.length - 1; i >= 0 && !born; i--) {
        var c = changes[i];
        if (exists && moves(c, end)) {
          var depth = c.tokens.length - 1, at = index(c.tokens[depth]), here = index(tokens[depth]);
          if (join(c.tokens.slice(0, depth)) !== join(tokens.slice(0, depth))) continue;
          born = c.op !== "remove" && here === at;
          if (!born) {
            if (c.op === "add" && here > at) tokens[depth] = String(here - 1);
            if (c.op === "remove" && here >= at) tokens[depth] = String(here + 1);
            path = join(tokens);
            continue;
          }
        }
        var part = touching(c, tokens, path);
        if (part !== null) parts.unshift(part);
      }
      if (parts.length > 0) out.push({ event: e, changes: parts });
      if (born) break;
    }
    return out;
  };

  return {
    Num: Num, Obj: Obj, History: History, BEFORE: BEFORE, Slot: Slot, parse: parse, join: join, escape: escape,
    isContainer: isContainer, size: size, open: open, valueOf: valueOf, setter: setter, isBelow: isBelow
  };
})();
