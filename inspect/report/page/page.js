// Steps through the history. Without it the page shows everything as plain lists.
(function () {
  var el = view.el, visible = view.visible;
  function id(name) { return document.getElementById(name); }

  // plain turns the JSON of the page into the objects that this script uses. Values of the
  // store stay values.
  function plain(o) {
    var out = {};
    o.members.forEach(function (v, k) { out[k] = v instanceof core.Num ? Number(v.text) : v; });
    return out;
  }

  // unpacked is the JSON of the page.
  function unpacked() {
    var bytes = Uint8Array.from(atob(id("data").textContent), function (c) { return c.charCodeAt(0); });
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  }

  var data, events, history;
  var items = Array.prototype.slice.call(id("events").children); // item 0 is the opening
  var numberOf = new Map(); // by version: how many events the state has after it
  var at = 0, path = null, a = 0, b = 0, shownAB = "", searched = null;
  var times; // of the page, which are in its zone; a script can show them in two others

  function read(json) {
    data = plain(core.parse(json));
    events = data.events.map(eventOf);
    history = new core.History(data.opening, events);
    events.forEach(function (e, i) {
      numberOf.set(e.version, i + 1);
      if (e.time !== undefined) timeOf(i + 1).dateTime = e.time;
    });
    at = data.start;
    b = events.length;
    times = Array.prototype.slice.call(document.querySelectorAll("time")).map(function (t) { return [t, t.textContent]; });
  }

  function eventOf(e) {
    var version = e.members.get("version").text, one = plain(e);
    one.version = version;
    one.changes = one.changes.map(function (c) {
      var change = plain(c);
      ["from", "to"].forEach(function (k) { if (c.members.has(k)) change[k] = c.members.get(k); });
      if (change.splice !== undefined) change.splice = plain(change.splice);
      return change;
    });
    return one;
  }

  function pointOf(n) { return n === 0 ? "start" : events[n - 1].version; }
  function hrefOf(n, to) { return "#at=" + pointOf(n) + (to === null || to === "" ? "" : "&path=" + encodeURIComponent(to)); }
  function timeOf(n) { return items[n].querySelector("time"); }

  function describe(n) {
    if (n === 0) return items[0].textContent.replace("·", "").trim();
    var t = timeOf(n);
    return pointOf(n) + " " + visible(events[n - 1].type) + (events[n - 1].actor ? ", by " + visible(events[n - 1].actor) : "") + (t ? ", " + t.textContent : "");
  }

  // by is the mark of the event that set a value.
  function by(event) {
    if (event === core.BEFORE) return el("span", { text: "·", title: data.from === undefined ? "set before the first event" : "set before the range" });
    return el("a", { href: hrefOf(event + 1, path), text: events[event].version, title: describe(event + 1) });
  }

  var tree = new view.Tree(id("tree"), { by: by, pick: function (to) { pick(to); } });
  var payload = new view.Tree(id("payload"), {}), metadata = new view.Tree(id("metadata"), {});

  function show(to) {
    at = Math.max(0, Math.min(events.length, to));
    history.go(at);
    id("slider").value = at;
    id("slider").setAttribute("aria-valuetext", describe(at));
    id("where").textContent = at + " of " + events.length + " · " + describe(at);
    document.title = visible(data.stream) + " @" + pointOf(at) + " · report by asof";
    showItem();
    showState();
    showEvent();
    showField();
    showCompare();
    showTicks();
    remember();
  }

  function showItem() {
    var old = id("events").querySelector("[aria-current]");
    if (old) old.removeAttribute("aria-current");
    var item = items[at], list = id("events");
    item.setAttribute("aria-current", "true");
    reveal(list, item);
    requestAnimationFrame(function () { reveal(list, item); }); // now with the sizes of what is in view
  }

  // reveal scrolls a list, and nothing around it, to one of its items.
  function reveal(list, item) {
    var frame = list.getBoundingClientRect(), box = item.getBoundingClientRect();
    if (list.scrollHeight <= list.clientHeight) return; // the list does not scroll of its own
    if (box.top < frame.top || box.bottom > frame.bottom) list.scrollTop += box.top - frame.top - list.clientHeight / 3;
  }

  function showState() {
    id("state-at").textContent = at === 0 ? describe(0) : "after " + pointOf(at) + " " + visible(events[at - 1].type);
    tree.o.now = at > 0 ? at - 1 : undefined;
    tree.o.chosen = path;
    tree.show(history.root);
    var gone = at === 0 ? [] : events[at - 1].changes.filter(function (c) { return c.op === "remove"; });
    fill(id("removed"), gone, 20, function (c) { return view.change(c); });
  }

  // fill shows the first items of a list, and how many more there are.
  function fill(list, all, most, make) {
    list.replaceChildren.apply(list, all.slice(0, most).map(make));
    if (all.length > most) {
      list.append(el("li", {}, [el("button", { text: view.grouped(all.length - most) + " more", click: function () { fill(list, all, most + 1000, make); } })]));
    }
  }

  function showEvent() {
    id("event").hidden = at === 0;
    if (at === 0) return;
    var e = events[at - 1], facts = [];
    id("event-at").textContent = pointOf(at) + " " + visible(e.type);
    [["time", "Time"], ["actor", "By"], ["id", "Id"], ["stream", "Stream"], ["stream_version", "Version there"], ["position", "Position"],
      ["revision", "Revision"], ["correlation_id", "Correlation"], ["causation_id", "Causation"], ["opaque", "Payload"], ["unread", "Not in the state"]].forEach(function (f) {
      if (e[f[0]] === undefined || e[f[0]] === "") return;
      facts.push(el("dt", { text: f[1] }), el("dd", {}, [f[0] === "time" ? visible(e.time) : visible(String(e[f[0]]))]));
    });
    if (e.handled === false) facts.push(el("dt", { text: "Handler" }), el("dd", { text: "none takes it" }));
    id("event-facts").replaceChildren.apply(id("event-facts"), facts);
    fill(id("event-changes"), e.changes, 50, function (c) { return view.change(c, pick); });
    if (e.changes.length === 0) id("event-changes").append(el("li", { text: "nothing" }));
    payload.show(new core.Slot(e.data === undefined ? null : e.data));
    id("metadata-part").hidden = e.metadata === undefined;
    if (e.metadata !== undefined) metadata.show(new core.Slot(e.metadata));
  }

  var trail = []; // of the chosen path: how many events the state has after each change
  function showField() {
    id("field").hidden = path === null;
    id("only-label").hidden = path === null;
    if (path === null) {
      trail = [];
      id("only").checked = false;
      return;
    }
    id("field-name").textContent = id("only-name").textContent = visible(path) || "the whole state";
    var found = history.history(path);
    trail = found.map(function (h) { return h.event + 1; });
    fill(id("field-list"), found, 100, function (h) {
      return el("li", {}, [el("a", { href: hrefOf(h.event + 1, path), text: describe(h.event + 1) }),
        el("ul", { class: "changes" }, h.changes.slice(0, 20).map(function (c) { return view.change(c); }))]);
    });
    if (found.length === 0) {
      var there = history.has(path);
      id("field-list").append(el("li", { text: there ? "no event of this page has set it up to here" : "it is not there at this point, and no event up to here set it" }));
    }
  }

  function pick(to) {
    path = path === to ? null : to;
    show(at);
    if (path !== null && searched !== null) search();
  }

  // changeOf goes to the change of the chosen path before or after.
  function changeOf(step) {
    if (path === null) return;
    if (step < 0) {
      var earlier = trail.find(function (n) { return n < at; });
      if (earlier !== undefined) show(earlier);
      return;
    }
    for (var n = at; n < events.length; n++) {
      if (events[n].changes.some(function (c) { return core.isBelow(c.path, path) || core.isBelow(path, c.path); })) {
        show(n + 1);
        return;
      }
    }
  }

  function showCompare() {
    var key = a + ":" + b;
    if (key === shownAB) return;
    shownAB = key;
    [["a-at", a], ["b-at", b]].forEach(function (p) {
      id(p[0]).textContent = describe(p[1]);
      id(p[0]).setAttribute("href", hrefOf(p[1], path));
    });
    var list = id("compare-list");
    fill(list, core.diff(history.value(a), history.value(b), data.array_keys === undefined ? null : data.array_keys), 200, function (c) { return view.change(c); });
    if (list.children.length === 0) list.append(el("li", { text: "no difference" }));
  }

  // showTicks marks A, B and the changes of the chosen path below the slider.
  function showTicks() {
    var ns = "http://www.w3.org/2000/svg", most = Math.max(1, events.length), ticks = [];
    function tick(n, kind) {
      var r = document.createElementNS(ns, "rect");
      r.setAttribute("x", 1000 * n / most - 1.5);
      r.setAttribute("width", 3);
      r.setAttribute("height", 8);
      r.setAttribute("class", kind);
      ticks.push(r);
    }
    if (data.start < events.length) tick(data.start, "bad");
    tick(a, "ab");
    tick(b, "ab");
    trail.slice(0, 500).forEach(function (n) { tick(n, "of"); });
    id("ticks").replaceChildren.apply(id("ticks"), ticks);
  }

  var later = 0;
  function remember() {
    clearTimeout(later);
    later = setTimeout(function () {
      try { window.history.replaceState(null, "", hrefOf(at, path)); } catch (e) { /* a browser may refuse many of them */ }
    }, 200);
  }

  // follow goes where an address says, and reports whether it says anything. When a reader
  // followed a link, remember may have replaced the address since.
  function follow(address) {
    var want = new URLSearchParams(new URL(address).hash.slice(1)), point = want.get("at");
    if (point === null) return false;
    var n = point === "start" ? 0 : numberOf.get(point);
    if (n === undefined) {
      id("damage").textContent = "This page has no event " + visible(point) + ".";
      id("damage").hidden = false;
      return false;
    }
    path = want.get("path");
    show(n);
    return true;
  }

  function search() {
    var text = id("find").value.toLowerCase(), only = id("only").checked ? new Set(trail) : null, shown = 0;
    if (searched === null) {
      searched = items.map(function (item, i) {
        return i === 0 ? "" : (item.textContent + " " + (events[i - 1].data === undefined ? "" : view.json(events[i - 1].data, 1e6))).toLowerCase();
      });
    }
    items.forEach(function (item, i) {
      var ok = (text === "" || searched[i].indexOf(text) >= 0) && (only === null || only.has(i));
      item.hidden = !ok;
      if (ok && i > 0) shown++;
    });
    id("count").textContent = shown === events.length ? "" : view.grouped(shown) + " of " + view.grouped(events.length);
  }

  function two(n) { return String(n).padStart(2, "0"); }
  function setZone() {
    var zone = id("zone").value;
    times.forEach(function (t) {
      var d = new Date(t[0].dateTime);
      if (zone === "page" || isNaN(d)) t[0].textContent = t[1];
      else if (zone === "utc") t[0].textContent = t[0].dateTime.slice(0, 19).replace("T", " ");
      else t[0].textContent = d.getFullYear() + "-" + two(d.getMonth() + 1) + "-" + two(d.getDate()) + " " + two(d.getHours()) + ":" + two(d.getMinutes()) + ":" + two(d.getSeconds());
    });
    id("zone-name").textContent = zone === "page" ? id("zone").options[0].textContent : zone === "utc" ? "UTC" : "the time of this computer";
    shownAB = "";
    show(at);
  }

  function nextZone() {
    var z = id("zone");
    z.selectedIndex = (z.selectedIndex + 1) % z.options.length;
    setZone();
  }

  var keys = {
    ArrowLeft: function () { show(at - 1); }, ArrowRight: function () { show(at + 1); },
    Home: function () { show(0); }, End: function () { show(events.length); },
    Escape: function () { if (path !== null) pick(path); }
  };
  var letters = {
    "{": function () { changeOf(-1); }, "}": function () { changeOf(1); },
    a: function () { a = at; show(at); }, b: function () { b = at; show(at); },
    u: nextZone, "/": function () { id("find").focus(); }, "?": function () { id("keys").showModal(); }
  };

  function onKey(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || id("keys").open || /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName)) return;
    var f = keys[e.key] || (id("letters").checked ? letters[e.key] : undefined);
    if (f === undefined) return;
    e.preventDefault();
    f();
  }

  function on(name, event, f) { id(name).addEventListener(event, f); }

  function start() {
    history.go(events.length); // every change must fit, and lead to the state that asof gives
    if (!core.equal(core.valueOf(history.root), data.closing)) throw new Error("the changes do not lead to the last state");
    on("slider", "input", function () { show(Number(id("slider").value)); });
    on("first", "click", keys.Home);
    on("back", "click", keys.ArrowLeft);
    on("on", "click", keys.ArrowRight);
    on("end", "click", keys.End);
    on("prev-change", "click", letters["{"]);
    on("next-change", "click", letters["}"]);
    on("unpick", "click", keys.Escape);
    on("set-a", "click", letters.a);
    on("set-b", "click", letters.b);
    on("swap", "click", function () { var was = a; a = b; b = was; show(at); });
    on("zone", "change", setZone);
    on("help", "click", letters["?"]);
    on("filter", "submit", function (e) { e.preventDefault(); });
    on("find", "input", search);
    on("only", "change", search);
    document.addEventListener("keydown", onKey);
    window.addEventListener("hashchange", function (e) { follow(e.newURL); });
    ["bar", "side", "filter"].forEach(function (name) { id(name).hidden = false; });
    document.documentElement.classList.add("live");
    if (!follow(location.href)) show(at);
  }

  function fail(e) {
    id("damage").textContent = "This page cannot step through the history (" + e.message + "). The lists below are complete.";
    id("damage").hidden = false;
    document.documentElement.classList.remove("live");
    ["bar", "side", "filter"].forEach(function (name) { id(name).hidden = true; });
    throw e;
  }

  Promise.resolve().then(unpacked).then(function (json) {
    read(json);
    start();
  }).catch(fail);
})();
