// A longest common subsequence of two lists of numbers, found as asof finds it, so that
// of several equally long ones it is the same.
core.lcs = (function () {
  // Front is one of the two searches that meet: its progress on each diagonal x-y.
  function Front(n, k, half, match) {
    this.n = n;
    this.k = k;
    this.half = half;
    this.match = match;
    this.low = this.high = this.matched = 0;
    this.far = new Array(2 * half + 3).fill(-1);
    this.far[half + 2] = 0;
  }

  // advance follows the diagonals one edit further. If meeting is set and it meets the
  // other front, it returns the point.
  Front.prototype.advance = function (d, other, meeting) {
    var mid = this.half + 1;
    for (var diag = -d + this.low; diag <= d - this.high; diag += 2) {
      var below = this.far[mid + diag - 1], above = this.far[mid + diag + 1];
      var x = diag === -d || diag !== d && below < above ? above : below + 1;
      var y = x - diag, from = x;
      while (x < this.n && y < this.k && this.match(x, y)) { x++; y++; }
      this.matched += x - from;
      this.far[mid + diag] = x;
      if (x > this.n) {
        this.high += 2;
      } else if (y > this.k) {
        this.low += 2;
      } else if (meeting) {
        var at = mid + this.n - this.k - diag;
        if (at >= 0 && at < other.far.length && other.far[at] >= 0 && x + other.far[at] >= this.n) return [x, y];
      }
    }
    return null;
  };

  // rising returns the longest run of pairs that ascends in the second; all do in the first.
  function rising(pairs) {
    var ends = [], before = [];
    pairs.forEach(function (p, at) {
      var lo = 0, hi = ends.length;
      while (lo < hi) {
        var mid = (lo + hi) >> 1;
        if (pairs[ends[mid]][1] < p[1]) lo = mid + 1;
        else hi = mid;
      }
      before.push(lo > 0 ? ends[lo - 1] : -1);
      ends[lo] = at;
    });
    var run = [];
    for (var p = ends.length > 0 ? ends[ends.length - 1] : -1; p >= 0; p = before[p]) run.push(pairs[p]);
    return run.reverse();
  }

  return function (a, b) {
    var out = [], steps = 0;

    function meet(as, bs) {
      var n = as.length, k = bs.length, half = (n + k + 1) >> 1;
      var fwd = new Front(n, k, half, function (x, y) { return a[as[x]] === b[bs[y]]; });
      var back = new Front(n, k, half, function (x, y) { return a[as[n - 1 - x]] === b[bs[k - 1 - y]]; });
      var odd = (n - k) % 2 !== 0;
      for (var d = 0; d <= half && steps >= 0; d++) {
        var p = fwd.advance(d, back, odd);
        if (p !== null) return p;
        p = back.advance(d, fwd, !odd);
        if (p !== null) return [n - p[0], k - p[1]];
        steps -= 2 * d + 2 + fwd.matched + back.matched;
        fwd.matched = back.matched = 0;
      }
      return null;
    }

    // longest adds the longest common subsequence, or returns false if that takes too long.
    function longest(as, bs) {
      var lo = 0;
      while (lo < as.length && lo < bs.length && a[as[lo]] === b[bs[lo]]) {
        out.push([as[lo], bs[lo]]);
        lo++;
      }
      as = as.slice(lo);
      bs = bs.slice(lo);
      var n = as.length, k = bs.length, tail = 0;
      while (tail < n && tail < k && a[as[n - 1 - tail]] === b[bs[k - 1 - tail]]) tail++;
      var endA = as.slice(n - tail), endB = bs.slice(k - tail);
      as = as.slice(0, n - tail);
      bs = bs.slice(0, k - tail);
      if (as.length > 0 && bs.length > 0) {
        var p = meet(as, bs);
        if (p === null || !longest(as.slice(0, p[0]), bs.slice(0, p[1])) || !longest(as.slice(p[0]), bs.slice(p[1]))) return false;
      }
      endA.forEach(function (v, i) { out.push([v, endB[i]]); });
      return true;
    }

    function byOccurrence(as, bs) {
      var places = new Map(), pairs = [];
      bs.forEach(function (j) {
        if (!places.has(b[j])) places.set(b[j], []);
        places.get(b[j]).push(j);
      });
      places.forEach(function (js) { js.reverse(); });
      as.forEach(function (i) {
        var js = places.get(a[i]);
        if (js !== undefined && js.length > 0) pairs.push([i, js.pop()]);
      });
      return pairs;
    }

    // unique matches what occurs once on both sides, if it is in the same order.
    function unique(as, bs) {
      function counts(list, at) {
        var n = new Map();
        at.forEach(function (i) { n.set(list[i], (n.get(list[i]) || 0) + 1); });
        return n;
      }
      var inA = counts(a, as), inB = counts(b, bs);
      function once(list) { return function (i) { return inA.get(list[i]) === 1 && inB.get(list[i]) === 1; }; }
      return rising(byOccurrence(as.filter(once(a)), bs.filter(once(b))));
    }

    function between(alo, ahi, blo, bhi, budget) {
      while (alo < ahi && blo < bhi && a[alo] === b[blo]) out.push([alo++, blo++]);
      var tail = 0;
      while (alo < ahi - tail && blo < bhi - tail && a[ahi - tail - 1] === b[bhi - tail - 1]) tail++;
      ahi -= tail;
      bhi -= tail;
      if (alo < ahi && blo < bhi) middle(alo, ahi, blo, bhi, budget);
      for (var i = 0; i < tail; i++) out.push([ahi + i, bhi + i]);
    }

    function middle(alo, ahi, blo, bhi, budget) {
      var inA = new Set(a.slice(alo, ahi)), inB = new Set(b.slice(blo, bhi)), as = [], bs = [];
      for (var i = alo; i < ahi; i++) if (inB.has(a[i])) as.push(i);
      for (var j = blo; j < bhi; j++) if (inA.has(b[j])) bs.push(j);
      if (as.length === 0) return;
      var from = out.length;
      steps = budget + 64 * (as.length + bs.length);
      if (longest(as, bs)) return;
      out.length = from;
      var anchors = unique(as, bs);
      if (anchors.length === 0) {
        rising(byOccurrence(as, bs)).forEach(function (p) { out.push(p); });
        return;
      }
      var x = alo, y = blo;
      anchors.forEach(function (p) {
        between(x, p[0], y, p[1], 0);
        out.push(p);
        x = p[0] + 1;
        y = p[1] + 1;
      });
      between(x, ahi, y, bhi, 0);
    }

    between(0, a.length, 0, b.length, 1 << 21);
    return out;
  };
})();
