package dialect

import (
	"errors"
	"slices"

	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// patchlevelDialect is the layout of patchlevel/event-sourcing (PHP), in both of its
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
	var found []string
	for _, t := range p.Tables {
		stream := t.Require("stream") == nil || t.Require("aggregate", "aggregate_id") == nil
		if stream && t.Require(patchlevelCommon...) == nil && patchlevelEvent(t) != [2]string{} {
			found = append(found, t.Name)
		}
	}
	if len(found) == 0 {
		return nil, errors.New(source.NoTable + "of any name with playhead, event, payload, recorded_on, archived, custom_headers")
	}
	slices.Sort(found)
	chosen, err := p.Opts.Choose(found)
	if err != nil {
		return nil, err
	}
	if len(chosen) > 1 {
		return nil, &source.ContextError{Msg: "several tables hold its events", Contexts: chosen}
	}
	t := p.Table(chosen[0])
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
		l.LeftOut = append(l.LeftOut, table.Omission{
			What: "events of the table " + other, Count: "SELECT count(*) FROM " + table.QuoteName(other),
		})
	}
	if t.Column("aggregate") != nil && t.Column("aggregate_id") != nil {
		l.Cols[source.Category] = "aggregate"
		return l, byTypeAndID(l, p, "aggregate", "aggregate_id")
	}
	l.Cols[source.Stream], l.CategoryOf = "stream", cell.CategoryOfName
	v, err := p.First("SELECT 1 FROM " + l.From + " WHERE playhead IS NULL")
	if err == nil && v.Kind != cell.Null {
		l.Cols[source.Version] = "coalesce(playhead, id)"
		l.Recognised += "; events without a playhead are numbered by the table's id"
	}
	return l, err
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
