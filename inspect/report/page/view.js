// Values and changes as elements. What comes from a store is set as text, never as markup.
var view = (function () {
  var hidden = /[\p{C}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]/gu;
  var MOST = 300;    // characters of a text that are shown at first
  var ROWS = 500;    // rows of a tree
  var PARTS = 100;   // parts of a container that are shown at first

  function el(tag, attrs, kids) {
    var e = document.createElement(tag);
    Object.keys(attrs || {}).forEach(function (k) {
      if (k === "text") e.textContent = attrs[k];
      else if (k === "click") e.addEventListener("click", attrs[k]);
      else e.setAttribute(k, attrs[k]);
    });
    (kids || []).forEach(function (k) { if (k !== null) e.append(k); });
    return e;
  }

  // visible escapes what is invisible, or changes the text around it.
  function visible(s) {
    return s.replace(hidden, function (c) {
      var n = c.codePointAt(0).toString(16);
      return n.length > 4 ? "\\u{" + n + "}" : "\\u" + n.padStart(4, "0");
    });
  }

  // scalar returns the JSON of a scalar, on one line.
  function scalar(v) {
    if (v instanceof core.Num) return v.text;
    return typeof v === "string" ? visible(JSON.stringify(v)) : String(v);
  }

  function kindOf(v) {
    if (v instanceof core.Num) return "num";
    return typeof v === "string" ? "str" : "lit";
  }

  function grouped(n) { return String(n).replace(/\B(?=(\d{3})+$)/g, ","); }

  function counted(n, one, many) { return grouped(n) + " " + (n === 1 ? one : many); }

  // summary says what a container holds.
  function summary(v) {
    var n = core.size(v);
    return Array.isArray(v) ? "[" + counted(n, "element", "elements") + "]" : "{" + counted(n, "member", "members") + "}";
  }

  // json returns a value on one line, cut: for lists of changes.
  function json(v, most) {
    if (v === undefined) return "nothing";
    if (!core.isContainer(v)) {
      if (typeof v === "string" && v.length > most) return cutText(v, most);
      return scalar(v);
    }
    var out = "", todo = [v];
    while (todo.length > 0 && out.length <= most) {
      var next = todo.pop();
      if (next instanceof Text) out += next.s;
      else if (!core.isContainer(next)) out += typeof next === "string" ? visible(JSON.stringify(next.slice(0, most))) : scalar(next);
      else spread(next, todo, most);
    }
    return out.length > most || todo.length > 0 ? cutEnd(out, most) + "…" : out;
  }

  // Text is a part of a value that is already text.
  function Text(s) { this.s = s; }

  // spread puts the parts of a container on a stack, the last first.
  function spread(v, todo, most) {
    var parts = [], n = 0, open = Array.isArray(v) ? "[" : "{";
    var each = Array.isArray(v) ? v.slice(0, most) : v.members;
    each.forEach(function (part, key) {
      if (n++ > most) return;
      parts.push(new Text((n > 1 ? "," : open) + (Array.isArray(v) ? "" : visible(JSON.stringify(key)) + ":")), part);
    });
    if (n === 0) parts.push(new Text(open));
    parts.push(new Text(Array.isArray(v) ? "]" : "}"));
    parts.reverse().forEach(function (p) { todo.push(p); });
  }

  // cutEnd cuts a text, and splits no pair of surrogates.
  function cutEnd(s, most) {
    var c = s.charCodeAt(most - 1);
    return s.slice(0, c >= 0xd800 && c < 0xdc00 ? most - 1 : most);
  }

  function cutText(s, most) { return visible(JSON.stringify(cutEnd(s, most))) + " … " + grouped(s.length - most) + " more characters"; }

  var marks = { add: "+", remove: "−", replace: "~" };
  var classes = { add: "a", remove: "d", replace: "r" };

  // change returns a change as an item of a list. pick is called to choose its path.
  function change(c, pick) {
    var name = visible(c.label || c.path) || "the whole state";
    var what = [];
    if (c.splice !== undefined) {
      what.push("at character " + grouped(c.splice.at + 1) + ": ", el("del", { text: json(c.splice.cut, MOST) }), " → ", el("ins", { text: json(c.splice.put, MOST) }));
    } else {
      if (c.op !== "add") what.push(el("del", { text: json(c.from, MOST) }));
      if (c.op === "replace") what.push(" → ");
      if (c.op !== "remove") what.push(el("ins", { text: json(c.to, MOST) }));
    }
    var path = pick === undefined || c.op === "remove" ? el("b", { text: name }) :
      el("button", { class: "name", text: name, click: function () { pick(c.path); } });
    return el("li", { class: classes[c.op] }, [el("i", { text: marks[c.op] }), " ", path, " "].concat(what));
  }

  // A Tree shows the parts of a slot, as far as they are open.
  // o.by(event, slot) returns the element in the gutter; o.now is the event whose changes
  // stand out; o.pick(path) chooses a path; o.chosen is the chosen one.
  function Tree(into, o) {
    this.into = into;
    this.o = o;
    this.opened = new Map(); // by path: whether the reader opened or closed it
    this.more = new Map();   // by path: how many parts, or how much of a text, to show
  }

  Tree.prototype.show = function (slot) {
    var focus = document.activeElement, id = this.into.contains(focus) ? focus.getAttribute("data-id") : null;
    this.slot = slot;
    this.left = ROWS;
    this.into.replaceChildren(el("ul", {}, [this.row(slot, "", null, slot.by, slot.op, 0)]));
    if (id !== null) {
      var again = Array.prototype.find.call(this.into.querySelectorAll("[data-id]"), function (e) { return e.getAttribute("data-id") === id; });
      if (again) again.focus({ preventScroll: true });
    }
  };

  Tree.prototype.again = function () { this.show(this.slot); };

  Tree.prototype.isOpen = function (path, depth, n) {
    if (this.opened.has(path)) return this.opened.get(path);
    return depth < 5 && this.left > 0 && (n <= PARTS || depth === 0);
  };

  // row returns the item of a slot. by and op are those of what set it.
  Tree.prototype.row = function (slot, path, key, by, op, depth) {
    var self = this, v = slot.value, full = slot.kids !== null || core.isContainer(v);
    this.left--;
    var n = !full ? 0 : slot.kids === null ? core.size(v) : Array.isArray(slot.kids) ? slot.kids.length : slot.kids.size;
    var open = n > 0 && this.isOpen(path, depth, n);
    var set = n > 0 && !open && slot.last !== undefined ? slot.last : n > 0 ? by : core.setter(slot, by);
    var now = this.o.now !== undefined && (by === this.o.now || !open && set === this.o.now);
    var line = el("div", { class: "row" + (now ? " " + (by === this.o.now ? classes[op] || "r" : "r") : "") });
    if (this.o.by !== undefined) {
      line.append(el("span", { class: "by" }, [open ? null : this.o.by(set)]));
      line.append(el("i", { class: "m", text: now ? (by === this.o.now ? marks[op] || "~" : "~") : "" }));
    }
    var rest = el("span", { class: "rest" });
    rest.style.paddingInlineStart = Math.min(depth, 24) + "em";
    if (n > 0) {
      rest.append(el("button", {
        class: "fold", "data-id": "fold" + path, "aria-expanded": String(open), "aria-label": (open ? "close " : "open ") + (visible(path) || "the whole"),
        text: open ? "▾" : "▸", click: function () { self.opened.set(path, !open); self.again(); }
      }));
    } else {
      rest.append(el("span", { class: "fold" }));
    }
    if (key !== null) rest.append(this.name(path, key), ": ");
    rest.append(full ? el("span", { class: "sum", text: n === 0 ? (Array.isArray(slot.kids || v) ? "[]" : "{}") : open ? (Array.isArray(slot.kids || v) ? "[" : "{") : this.brief(slot, n) }) : this.value(v, path));
    line.append(rest);
    var item = el("li", {}, [line]);
    if (path === this.o.chosen) line.setAttribute("aria-current", "true");
    if (open) item.append(this.parts(slot, path, by, op, depth, n));
    return item;
  };

  // brief says what is in a closed container: its first scalars.
  Tree.prototype.brief = function (slot, n) {
    if (slot.kids !== null && Array.isArray(slot.kids) || Array.isArray(slot.value)) return "[" + counted(n, "element", "elements") + "]";
    var shown = [], from = slot.kids || slot.value.members;
    from.forEach(function (part, key) {
      var v = slot.kids === null ? part : part.kids === null ? part.value : undefined;
      if (shown.length < 3 && v !== undefined && !core.isContainer(v)) shown.push(visible(json(key, 30)).slice(1, -1) + ": " + json(v, 30));
    });
    return "{" + shown.join(", ") + (shown.length < n ? ", …" : "") + "}";
  };

  Tree.prototype.name = function (path, key) {
    var self = this, text = visible(typeof key === "string" && key.length > MOST ? cutEnd(key, MOST) + "…" : String(key));
    if (this.o.pick === undefined) return el("span", { class: "name", text: text });
    return el("button", { class: "name", "data-id": "name" + path, text: text, title: "history of " + visible(path), click: function () { self.o.pick(path); } });
  };

  Tree.prototype.value = function (v, path) {
    var self = this, most = this.more.get(path) || MOST;
    if (typeof v !== "string" || v.length <= most) return el("span", { class: kindOf(v), text: scalar(v) });
    return el("span", { class: "str" }, [visible(JSON.stringify(cutEnd(v, most))) + " … ", el("button", {
      "data-id": "all" + path, text: grouped(v.length - most) + " more characters", click: function () { self.more.set(path, Infinity); self.again(); }
    })]);
  };

  // parts returns the list of what is in an open container.
  Tree.prototype.parts = function (slot, path, by, op, depth, n) {
    var self = this, list = el("ul"), most = this.more.get(path) || PARTS, i = 0;
    core.open(slot);
    var array = Array.isArray(slot.kids);
    var each = array ? slot.kids.slice(0, most) : slot.kids;
    each.forEach(function (kid, key) {
      if (i++ >= most) return;
      var own = kid.by !== undefined;
      list.append(self.row(kid, path + "/" + core.escape(String(key)), key, own ? kid.by : by, own ? kid.op : op, depth + 1));
    });
    if (n > most) {
      list.append(el("li", {}, [el("div", { class: "row" }, [el("button", {
        class: "more", "data-id": "more" + path, text: grouped(Math.min(n - most, 1000)) + " more of " + grouped(n - most),
        click: function () { self.more.set(path, most + 1000); self.again(); }
      })])]));
    }
    return list;
  };

  return { el: el, visible: visible, json: json, change: change, Tree: Tree, grouped: grouped, counted: counted, MOST: MOST };
})();
