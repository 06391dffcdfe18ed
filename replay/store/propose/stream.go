package propose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// byKey finds the stream and the version in a unique index: one of its columns counts,
// and all others together are the stream.
func (a *analysis) byKey() bool {
	var stream []*column
	var version *column
	most := 0
	for _, u := range a.t.Uniques {
		cols := a.named(u)
		if len(cols) < 2 || len(cols) != len(u) {
			continue
		}
		for i, v := range cols {
			others := slices.Delete(slices.Clone(cols), i, i+1)
			if n := a.keyScore(others, v); n > most {
				most, stream, version = n, others, v
			}
		}
	}
	if version == nil {
		return false
	}
	keyed := slices.Clone(stream)
	if stream = a.withEntity(stream, version); stream == nil {
		return false
	}
	slices.SortStableFunc(stream, func(x, y *column) int { return cmp.Compare(x.rank(), y.rank()) })
	a.keyed, a.version, a.parts = true, version, stream
	a.weak = !version.called(versionNames) && !slices.ContainsFunc(stream, func(c *column) bool { return c.called(streamNames) })
	a.score += 4
	for _, c := range append(stream, version) {
		a.taken[c] = true
	}
	names := make([]string, 0, len(keyed)+1)
	for _, c := range append(keyed, version) {
		names = append(names, c.Name)
	}
	a.why = append(a.why, fmt.Sprintf("(%s) is unique", strings.Join(names, ", ")))
	return true
}

// withEntity adds to the columns of a key the one that names the entity of a row, if the
// key counts over several entities: those of a tenant, or of a partition. It returns nil
// if such a key has no column with them.
func (a *analysis) withEntity(key []*column, version *column) []*column {
	free := func(c *column) bool {
		return c != version && !slices.Contains(key, c) && c.isKey() && !c.isTime(a.s) && !a.aloneUnique(c) && c.filled*10 >= len(a.s.Rows)*9
	}
	varies := func(c *column) bool { return c != nil && !a.determinedBy(key, c) }
	if id := a.best(streamNames, free); varies(id) {
		return append(key, id)
	}
	if slices.ContainsFunc(key, (*column).namesEntity) {
		return key
	}
	if id := a.entity(free); varies(id) {
		return append(key, id)
	}
	if a.unclear != nil || !slices.ContainsFunc(key, func(c *column) bool { return c.rank() == 2 }) {
		return nil
	}
	return key
}

// namesEntity reports whether a column goes by a name of what tells entities apart.
func (c *column) namesEntity() bool {
	return c.rank() == 2 && !c.called(readerNames) &&
		(c.called(streamNames) || c.called(weakStreams) || c.endsIn("id", "uuid", "no", "number", "key", "ref", "code"))
}

// keyScore says how well v counts within the others: by its values, and by its name.
func (a *analysis) keyScore(others []*column, v *column) int {
	if !v.isWhole() || v.isTime(a.s) && v.filled > 0 || slices.ContainsFunc(others, func(c *column) bool { return c.isTime(a.s) && c.filled > 0 || !c.isKey() }) {
		return 0
	}
	named := 0
	switch {
	case v.called(versionNames):
		named = 3
	case v.endsIn("version", "seq", "sequence", "no", "nr", "number", "position", "index"):
		named = 2
	}
	if len(a.s.Rows) == 0 {
		return named
	}
	g := a.count(others, v)
	switch {
	case !g.dense && (named < 3 || g.groups == g.rows):
		return 0
	case g.groups == g.rows && named == 0:
		return 0
	}
	return named + 1
}

// rank puts a tenant before a type, and a type before an id.
func (c *column) rank() int {
	switch {
	case c.called(tenantNames):
		return 0
	case c.called(kindNames) || c.endsIn("type", "kind", "category"):
		return 1
	}
	return 2
}

func (a *analysis) named(names []string) []*column {
	var out []*column
	for _, n := range names {
		for _, c := range a.columns {
			if strings.EqualFold(c.Name, n) {
				out = append(out, c)
			}
		}
	}
	return out
}

// byName finds the stream by what its column is called, where no index says it.
func (a *analysis) byName() bool {
	free := func(c *column) bool {
		return c.isKey() && !c.isTime(a.s) && !a.aloneUnique(c) && c.filled*2 >= len(a.s.Rows)
	}
	id := a.best(streamNames, free)
	if id == nil && slices.ContainsFunc(a.columns, func(c *column) bool { return c.called(sortNames) }) {
		id = a.best(partitionNames, free)
	}
	if id != nil {
		a.score += 4
	} else if id = a.paired(free); id != nil {
		a.score += 2
	} else if id = a.entity(free); id == nil {
		return false
	}
	if a.repeats(id) {
		a.score++
	}
	a.parts = []*column{id}
	a.weak = !id.called(streamNames) && !id.called(partitionNames) && a.kindBeside(id) == nil && !a.ofTable(id)
	a.taken[id] = true
	if id.uuids == 0 || id.uuids < id.filled {
		a.qualify(id)
	}
	ofAny := func(c *column) bool { return c != id && c.called(kindNames) && c.name != "category" }
	if slices.ContainsFunc(a.parts, ofAny) && a.isNamed() {
		a.weak = false // as an audit log of any table
	}
	return true
}

// entity finds the id of an entity among ids of several things: that of what the table is
// named after, as order_id in order_events, or else the only one. Of an order and its
// customer it is the order: each order has one customer.
func (a *analysis) entity(free func(*column) bool) *column {
	var all []*column
	for _, c := range a.columns {
		switch {
		case free(c) && a.ofTable(c):
			return c
		case c.within != "" || !free(c) || c.called(idNames) || c.called(corrNames) || c.called(causNames) || c.called(tenantNames) || c.called(readerNames) || c.called(actorNames):
		case c.called(weakStreams), !c.called(versionNames) && c.endsIn("id", "uuid", "no", "number", "key", "ref", "code"):
			all = append(all, c)
		}
	}
	finest := slices.DeleteFunc(slices.Clone(all), func(c *column) bool {
		return slices.ContainsFunc(all, func(o *column) bool { return o != c && a.determines(o, c) && !a.determines(c, o) })
	})
	if len(finest) == 1 && a.repeats(finest[0]) {
		return finest[0]
	}
	for _, c := range all {
		if len(all) > 1 {
			a.unclear = append(a.unclear, c.Name)
		}
	}
	return nil
}

// ofTable reports whether the table is named after events of what the column identifies:
// cart_item_id in cart_item_events. What is planned is no event of that kind.
func (a *analysis) ofTable(id *column) bool {
	w := words(a.t.Name)
	if len(w) < 2 || len(id.words) < 2 || !slices.Contains(ofEntities, w[len(w)-1]) || !id.endsIn("id", "uuid", "no", "number", "key") {
		return false
	}
	return slices.Equal(w[:len(w)-1], id.words[:len(id.words)-1]) &&
		!slices.ContainsFunc(a.columns, func(c *column) bool { return c.called(plannedNames) })
}

// determines reports whether rows with the same value of x have the same value of y.
func (a *analysis) determines(x, y *column) bool { return a.determinedBy([]*column{x}, y) }

// determinedBy reports whether rows with the same values of some columns have the same
// value of y.
func (a *analysis) determinedBy(by []*column, y *column) bool {
	of := map[string]string{}
	for _, row := range a.s.Rows {
		from, ok := keyOf(row, by)
		to, too := keyOf(row, []*column{y})
		if !ok || !too {
			continue
		}
		if seen, again := of[from]; again && seen != to {
			return false
		}
		of[from] = to
	}
	return true
}

// qualify puts the tenant and the type before an id that may be of several.
func (a *analysis) qualify(id *column) {
	whole := func(c *column) bool { return c.filled == id.filled && c.isLabelOrNumber() }
	a.half = a.halfQualified(id)
	kind := a.best(kindNames, whole)
	if kind == nil {
		kind = a.kindBeside(id)
	}
	if kind != nil {
		a.parts = append([]*column{kind}, a.parts...)
		a.taken[kind] = true
	}
	if tenant := a.best(tenantNames, whole); tenant != nil {
		a.parts = append([]*column{tenant}, a.parts...)
		a.taken[tenant] = true
	}
}

func (c *column) isLabelOrNumber() bool { return c.objects == 0 }

// paired finds X_id next to X_type.
func (a *analysis) paired(free func(*column) bool) *column {
	for _, c := range a.columns {
		if c.endsIn("id", "uuid") && len(c.words) > 1 && !c.called(idNames) && free(c) && a.kindBeside(c) != nil {
			return c
		}
	}
	return nil
}

// kindBeside is the column X_type of an X_id; of an entity_id and the like it may be called
// entity.
func (a *analysis) kindBeside(id *column) *column {
	if len(id.words) < 2 || id.short != "" && len(id.words) == 2 {
		return nil // its first word says nothing: all names have it
	}
	stem := strings.Join(id.words[:len(id.words)-1], "")
	if stem == "event" || stem == "message" {
		return nil
	}
	for _, c := range a.columns {
		general := c.name == stem && slices.Contains(ofAnyKind, stem)
		if c != id && (general || c.name == stem+"type" || c.name == stem+"kind" || c.name == stem+"class") && c.isLabel() {
			return c
		}
	}
	return nil
}

// aloneUnique reports whether no two rows have the same value: such a column is an id of
// rows, and tells no entities apart.
func (a *analysis) aloneUnique(c *column) bool {
	return a.t.UniqueBy(strings.ToLower(c.Name)) || c.PK == 1 && !slices.ContainsFunc(a.columns, func(o *column) bool { return o.PK > 1 })
}

func (a *analysis) repeats(c *column) bool { return c.distinct < c.filled }

// A tally is how a number runs within groups.
type tally struct {
	rows, groups int
	twice        bool // a group has one of them twice
	inRows       bool // every group rises from row to row
	dense        bool // every group goes up by one
	one          bool // every group begins with 0 or 1
}

// count goes through the rows, group by group.
func (a *analysis) count(by []*column, v *column) tally {
	t := tally{dense: true, one: true, inRows: true}
	values := map[string][]int64{}
	for _, row := range a.s.Rows {
		key, ok := keyOf(row, by)
		n, whole := row[v.at].Integer()
		if !ok || !whole {
			continue
		}
		values[key] = append(values[key], n)
		t.rows++
	}
	t.groups = len(values)
	for _, ns := range values {
		t.inRows = t.inRows && slices.IsSorted(ns)
		slices.Sort(ns)
		t.one = t.one && (ns[0] == 0 || ns[0] == 1)
		for i := 1; i < len(ns); i++ {
			t.twice = t.twice || ns[i] == ns[i-1]
			t.dense = t.dense && ns[i] == ns[i-1]+1
		}
	}
	return t
}

func keyOf(row []cell.Value, by []*column) (string, bool) {
	var b strings.Builder
	for _, c := range by {
		v := row[c.at]
		if v.Kind == cell.Null {
			return "", false
		}
		fmt.Fprintf(&b, "%d:%s,", len(v.Text()), v.Text())
	}
	return b.String(), true
}

// storedVersion finds a column that counts 1..n within the stream, where no index says
// so. One that does not, and is called version, is a revision of the type's schema.
func (a *analysis) storedVersion() {
	for _, c := range a.counters() {
		t := a.count(a.parts, c)
		known := c.called(versionNames)
		switch {
		case t.rows > 0 && !t.twice && t.dense && t.one && t.groups < t.rows && (known || t.inRows),
			known && t.rows > 0 && !t.twice && t.inRows && t.groups < t.rows && !c.rising && (c.distinct < c.filled || t.dense): // with gaps, or from later on
			a.version, a.taken[c] = c, true
			a.score += 2
			a.why = append(a.why, c.Name+" counts within the stream")
			return
		case known && t.groups == t.rows && t.one && (!c.rising || t.rows == 1): // of one event each, it may be either
			a.version, a.doubt, a.taken[c] = c, c, true
			return
		case known && t.twice && a.apart(c):
			a.score += 2
			return
		case c.called(sequenceNames) && t.twice:
			a.repeated = c
		case c.called(revisionNames) && a.revision == nil && t.rows > 0 && t.twice:
			a.revision, a.taken[c] = c, true
			a.why = append(a.why, c.Name+" repeats within a stream, so it is a revision")
		}
	}
}

// counters returns the columns that may count, those with the usual names first.
func (a *analysis) counters() []*column {
	may := func(c *column) bool {
		return !a.taken[c] && c.isWhole() && !c.isTime(a.s) && !a.aloneUnique(c)
	}
	var out []*column
	for _, name := range versionNames {
		for _, c := range a.columns {
			if (c.name == name || c.short == name) && may(c) && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	for _, c := range a.columns {
		if c.endsIn(countWords...) && may(c) && !slices.Contains(out, c) && !c.called(schemaNames) {
			out = append(out, c)
		}
	}
	return out
}

// position finds what orders all rows: a serial number.
func (a *analysis) position() {
	serial := func(c *column) bool {
		return c.within == "" && c.isWhole() && (c.filled == 0 || c.rising) && a.aloneUnique(c) && !(c.isTime(a.s) && c.filled > 0)
	}
	c := a.best(positionNames, serial)
	for _, other := range a.columns {
		if c == nil && !a.taken[other] && serial(other) {
			c = other
		}
	}
	a.take(source.Position, c)
}
