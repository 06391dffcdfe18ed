package propose

import (
	"encoding/json"
	"slices"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// payload finds the payload and the metadata, which both are JSON: what is called
// metadata never is the payload.
func (a *analysis) payload() {
	isMeta := func(c *column) bool { return c.called(metaNames) || c.endsIn("metadata", "meta", "headers") }
	meta := a.best(metaNames, (*column).isJSON)
	for _, c := range a.columns {
		if meta == nil && !a.taken[c] && isMeta(c) && c.isJSON() {
			meta = c
		}
	}
	a.take(source.Meta, meta)
	data := a.best(dataNames, (*column).isJSON)
	for _, c := range a.columns {
		before := len(c.words) > 0 && slices.Contains(beforeWords, c.words[0]) // what is no more
		if data == nil && !a.taken[c] && !before && c.isJSON() && (c.endsIn("data", "payload", "body", "json", "properties", "content") || c.objects > 0) {
			data = c
		}
	}
	if data != nil {
		a.score++
	}
	a.take(source.Data, data)
}

// kindOfEvent finds the type: in a column of its own, or within the payload.
func (a *analysis) kindOfEvent() {
	label := func(c *column) bool { return c.isLabel() && c.filled*10 >= len(a.s.Rows)*9 && !c.isTime(a.s) }
	c := a.best(strongTypes, func(c *column) bool { return label(c) || c.isWhole() && c.distinct < c.filled })
	if c != nil {
		a.score += 2
	} else if c = a.best(typeNames, func(c *column) bool { return label(c) && (c.name != "name" || a.ofEvents()) }); c == nil {
		for _, o := range a.columns {
			if c == nil && !a.taken[o] && o.endsIn("type", "kind", "event") && label(o) && !o.called(kindNames) {
				c = o
			}
		}
	}
	if c != nil {
		a.score++
		a.take(source.Type, c)
		return
	}
	data := a.fields[source.Data]
	if data == nil || data.within != "" {
		return
	}
	if at := a.typeWithin(data); at != nil {
		a.score += 2
		a.typeAt = data.word() + ":" + at.String()
		a.why = append(a.why, "the type is within "+data.Name)
	}
}

// ofEvents reports whether the table is named after events, so that a name is that of one
// and not of what has a history.
func (a *analysis) ofEvents() bool {
	w := words(a.t.Name)
	return slices.Contains(w, "event") || slices.Contains(w, "events")
}

// typeWithin finds a member of every payload that is a text and called as types are, at
// most two levels deep.
func (a *analysis) typeWithin(data *column) cell.Pointer {
	common := map[string]int{}
	var payloads cell.PayloadDecoder
	rows := 0
	for _, row := range a.s.Rows {
		v := row[data.at]
		doc, opaque := payloads.Decode(&v)
		var members map[string]json.RawMessage
		if opaque != "" || json.Unmarshal(doc, &members) != nil {
			continue
		}
		rows++
		for name, raw := range members {
			var text string
			var inner map[string]json.RawMessage
			switch {
			case json.Unmarshal(raw, &text) == nil:
				common[cell.Pointer{name}.String()]++
			case json.Unmarshal(raw, &inner) == nil:
				for n, r := range inner {
					if json.Unmarshal(r, &text) == nil {
						common[cell.Pointer{name, n}.String()]++
					}
				}
			}
		}
	}
	for _, known := range slices.Concat(strongTypes, []string{"type", "kind"}) {
		var found []string
		for at, n := range common {
			if p, _ := cell.ParsePointer(at); rows > 0 && n == rows && strings.Join(words(p[len(p)-1]), "") == known {
				found = append(found, at)
			}
		}
		if len(found) > 0 {
			slices.SortFunc(found, func(x, y string) int { return len(x) - len(y) })
			at, _ := cell.ParsePointer(found[0])
			return at
		}
	}
	return nil
}

// times finds the time, and the orders that versions can be counted by.
func (a *analysis) times() {
	isTime := func(c *column) bool { return c.isTime(a.s) }
	c := a.best(timeNames, isTime)
	for _, o := range a.columns {
		if c == nil && !a.taken[o] && o.endsIn("at", "on", "time", "timestamp", "date", "ts", "utc") && isTime(o) {
			c = o
		}
	}
	if c != nil {
		a.score++
	}
	a.take(source.Time, c)
	if a.version != nil && a.doubt == nil {
		return
	}
	key := slices.ContainsFunc(a.columns, func(c *column) bool { return c.PK > 0 })
	switch position := a.fields[source.Position]; {
	case position != nil:
		a.orders = []string{"#" + position.word()}
	case a.serialByData() != nil:
		a.orders = []string{"#" + a.serialByData().word()}
	case a.stored && !key:
		a.orders = append(a.orders, "#rowid")
	case c != nil:
		a.orders = append(a.orders, "#time")
		if a.stored && !inOrder(a.s, c) {
			a.orders = append(a.orders, "#rowid")
		}
	case a.stored:
		a.orders = append(a.orders, "#rowid")
	}
	if c != nil && len(a.orders) == 1 && a.orders[0] != "#time" && falls(a.s, c) { // it is newest first
		a.orders = []string{"#time", a.orders[0]}
	}
}

// falls reports whether times fall from row to row.
func falls(s *Sample, c *column) bool {
	fallen := slices.Clone(s.Rows)
	slices.Reverse(fallen)
	return !inOrder(s, c) && inOrder(&Sample{Rows: fallen}, c)
}

// serialByData is a column that is called as serial numbers are, and rises from row to
// row, though no index says that it is unique.
func (a *analysis) serialByData() *column {
	return a.best(positionNames, func(c *column) bool {
		return c.within == "" && c.isWhole() && c.filled > 1 && c.rising && !c.isTime(a.s)
	})
}

// inOrder reports whether the values of the column rise from row to row.
func inOrder(s *Sample, c *column) bool {
	for i := 1; i < len(s.Rows); i++ {
		x, y := s.Rows[i-1][c.at], s.Rows[i][c.at]
		m, whole := x.Integer()
		n, too := y.Integer()
		if whole && too && m > n || (!whole || !too) && string(x.Text()) > string(y.Text()) {
			return false
		}
	}
	return true
}

// others finds what is left of an event.
func (a *analysis) others() {
	unique := func(c *column) bool { return c.filled == c.distinct && c.filled == len(a.s.Rows) && c.isKey() }
	a.take(source.ID, a.best(idNames, unique))
	if kind := a.best(kindNames, (*column).isLabel); kind != nil && len(a.parts) == 1 {
		a.take(source.Category, kind)
	}
	any := func(c *column) bool { return c.isKey() }
	a.take(source.Actor, a.best(actorNames, any))
	a.take(source.Correlation, a.best(corrNames, any))
	a.take(source.Causation, a.best(causNames, any))
	if a.revision == nil {
		a.take(source.Revision, a.best(revisionNames, func(c *column) bool {
			return c.isWhole() && (c.called(schemaNames) || a.count(a.parts, c).twice)
		}))
	}
}
