package dialect

import (
	"errors"
	"slices"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// patchlevelDialect is the layout of patchlevel/event-sourcing 2 and 3 (PHP), in both of its
// forms: with aggregate and aggregate_id, or with a stream name. Its table may have any
// name. If there are several, [source.Options].Context names one.
//
// Archived events precede the point from which a stream is loaded. They are part of its
// history and are shown. Times are UTC without a zone. Some stores have events without
// a playhead; the version of such an event is the table's id.
var patchlevelDialect = sqlite.Dialect{Name: "patchlevel", Match: matchPatchlevel}

var (
	patchlevelCommon = []string{"id", "playhead", "recorded_on", "archived", "custom_headers"}
	patchlevelNames  = [][2]string{{"event", "payload"}, {"event_name", "event_payload"}} // by release
)

func matchPatchlevel(p *sqlite.Probe) (*table.Layout, error) {
	t, found, err := patchlevelTable(p.Tables, p.Opts)
	if err != nil {
		return nil, err
	}
	names := patchlevelEvent(t)
	l := &table.Layout{
		Recognised: "table " + t.Name + " with playhead, recorded_on, archived",
		From:       table.QuoteName(t.Name),
		Contexts:   found,
		Cols: [source.NumFields]string{
			source.Version: "playhead", source.Position: "id", source.Type: names[0], source.Data: names[1],
			source.Time: "recorded_on", source.Meta: "custom_headers",
		},
	}
	if t.Column("event_id") != nil {
		l.Cols[source.ID] = "event_id"
	}
	for _, other := range source.Without(found, t.Name) {
		l.LeftOut = append(l.LeftOut, table.Counted("event", " of the table "+other, "SELECT count(*) FROM "+table.QuoteName(other)))
	}
	if t.Column("aggregate") != nil && t.Column("aggregate_id") != nil {
		l.Cols[source.Category] = "aggregate"
		byTypeAndID(l, p, t, "aggregate", "aggregate_id")
		return l, nil
	}
	l.Cols[source.Stream], l.CategoryOf = "stream", cell.CategoryOfName
	l.Cols[source.Version] = patchlevelVersion(t, "playhead", "id")
	return l, nil
}

// patchlevelTable finds the library's tables, and the one that is meant.
func patchlevelTable(tables map[string]*table.Table, o *source.Options) (t *table.Table, found []string, err error) {
	why := errors.New(source.NoTable + "of any name with playhead, event, payload, recorded_on, archived, custom_headers")
	for _, t := range tables {
		lacks := patchlevelLacks(t)
		if len(lacks) == 0 {
			found = append(found, t.Name)
		} else if len(lacks) < len(patchlevelCommon)-1 && t.Column("playhead") != nil {
			why = errors.New("table " + t.Name + " has no column " + strings.Join(lacks, ", "))
		}
	}
	if len(found) == 0 {
		return nil, nil, why
	}
	slices.Sort(found)
	chosen, err := o.Choose(found)
	if err == nil && len(chosen) > 1 {
		err = &source.ContextError{Msg: "several tables hold its events", Contexts: chosen}
	}
	if err != nil {
		return nil, nil, err
	}
	for _, t := range tables {
		if t.Name == chosen[0] {
			return t, found, nil
		}
	}
	return nil, nil, errors.New(source.NoTable + chosen[0])
}

// patchlevelLacks lists the library's columns that a table does not have.
func patchlevelLacks(t *table.Table) (lacks []string) {
	for _, c := range patchlevelCommon {
		if t.Column(c) == nil {
			lacks = append(lacks, c)
		}
	}
	if t.Require("stream") != nil && t.Require("aggregate", "aggregate_id") != nil {
		lacks = append(lacks, "stream (or aggregate and aggregate_id)")
	}
	if patchlevelEvent(t) == [2]string{} {
		lacks = append(lacks, "event_name and event_payload (or event and payload)")
	}
	return lacks
}

// matchServerPatchlevel binds the same library in PostgreSQL, MySQL or MariaDB (2 and 3).
//
//	event_store(id bigint PK, stream varchar, playhead integer NULL, event_id varchar, event_name varchar, event_payload json,
//	  recorded_on timestamptz, archived boolean, custom_headers json)
//	eventstore(id bigint PK, aggregate varchar, aggregate_id uuid or varchar, playhead integer, event varchar, payload json,
//	  recorded_on timestamptz, new_stream_start boolean, archived boolean, custom_headers json)
func matchServerPatchlevel[P serverProbe](p P) (*table.Layout, error) {
	t, found, err := patchlevelTable(tablesOf(p), p.Options())
	if err != nil {
		return nil, err
	}
	names := patchlevelEvent(t)
	l := &table.Layout{
		Recognised: p.Found("table " + t.Name + " with playhead, recorded_on, archived"),
		From:       p.Name(t) + " AS e",
		Contexts:   found,
	}
	l.Cols = [source.NumFields]string{
		source.Version: "e.playhead", source.Position: "e.id", source.Type: p.Text("e", t, names[0]),
		source.Data: t.Ref("e", names[1]), source.Time: "e.recorded_on", source.Meta: "e.custom_headers",
	}
	if t.Column("event_id") != nil {
		p.ID(l, "e", t, "event_id")
	}
	for _, other := range source.Without(found, t.Name) {
		l.LeftOut = append(l.LeftOut, table.Counted("event", " of the table "+other, "SELECT count(*) FROM "+p.Name(p.Table(other))))
	}
	if t.Column("aggregate") != nil && t.Column("aggregate_id") != nil {
		l.Cols[source.Category] = p.Text("e", t, "aggregate")
		streamByTypeAndID(p, l, t, "aggregate", "aggregate_id")
		return l, nil
	}
	l.CategoryOf = cell.CategoryOfName
	p.Stream(l, "e", t, "stream")
	l.Cols[source.Version] = patchlevelVersion(t, "e.playhead", "e.id")
	return l, nil
}

// patchlevelEvent returns the columns of an event's type and payload.
func patchlevelEvent(t *table.Table) [2]string {
	for _, n := range patchlevelNames {
		if t.Require(n[0], n[1]) == nil {
			return n
		}
	}
	return [2]string{}
}

// patchlevelVersion returns SQL for an event's version. To ask first whether any event is
// without a playhead would read the whole table.
func patchlevelVersion(t *table.Table, playhead, id string) string {
	if t.Column("playhead").NotNull {
		return playhead
	}
	return "coalesce(" + playhead + ", " + id + ")"
}
