
"use strict";
// Filters the list. Without scripts the page shows everything.
(function () {
  var form = document.getElementById("filter"), find = document.getElementById("find");
  var what = document.getElementById("what"), count = document.getElementById("count");
  var items = Array.prototype.slice.call(document.querySelectorAll("li"));
  function filter() {
    var text = find.value.toLowerCase(), shown = 0;
    items.forEach(function (li) {
      var ok = (!what.value || li.querySelector("b").textContent === what.value) &&
        (!text || li.textContent.toLowerCase().indexOf(text) >= 0);
      li.hidden = !ok;
      if (ok) shown++;
    });
    document.querySelectorAll("section").forEach(function (s) {
      s.hidden = !s.querySelector("li:not([hidden])");
    });
    count.textContent = shown + " of " + items.length + " events";
  }
  form.hidden = false;
  form.addEventListener("submit", function (e) { e.preventDefault(); });
  find.addEventListener("input", filter);
  what.addEventListener("change", filter);
  filter();
})();
