package store

import (
	"errors"
	"slices"
)

// patchlevelDialect is the layout of patchlevel/event-sourcing (PHP), in both of
// its forms: by aggregate and aggregate_id, or by the name of a stream. Its table
// has a name of the user's choice; where there are several, [Options].Context is
// the name of one.
//
// Archived events are those before the point where a stream was made to begin
// anew. They are part of its history, and shown. Times have no zone and are taken
// as UTC. Events of a stream may have no playhead: in a store that has such, the
// version of these is the table's id.
var patchlevelDialect = dialect{name: "patchlevel", match: matchPatchlevel}

var (
	patchlevelCommon = []string{"id", "playhead", "recorded_on", "archived", "custom_headers"}
	patchlevelNames  = [][2]string{{"event", "payload"}, {"event_name", "event_payload"}} // by release
)

func matchPatchlevel(p *probe) (*layout, error) {
	var found []string
	for _, t := range p.tables {
		stream := t.require("stream") == nil || t.require("aggregate", "aggregate_id") == nil
		if stream && t.require(patchlevelCommon...) == nil && t.patchlevelEvent() != [2]string{} {
			found = append(found, t.name)
		}
	}
	if len(found) == 0 {
		return nil, errors.New(noTable + "of any name with playhead, event, payload, recorded_on, archived, custom_headers")
	}
	slices.Sort(found)
	chosen, err := p.opts.choose(found)
	if err != nil {
		return nil, err
	}
	if len(chosen) > 1 {
		return nil, contextError("several tables hold its events: choose one with --context: " + listed(chosen, 10))
	}
	t := p.table(chosen[0])
	names := t.patchlevelEvent()
	l := &layout{
		recognised: "table " + t.name + " with playhead, recorded_on, archived",
		from:       quoteName(t.name),
		contexts:   found,
		cols: [numColumns]string{
			colVersion: "playhead", colPosition: "id", colType: names[0], colData: names[1],
			colTime: "recorded_on", colMeta: "custom_headers",
		},
	}
	if t.column("event_id") != nil {
		l.cols[colID] = "event_id"
	}
	for _, other := range without(found, t.name) {
		l.leftOut = append(l.leftOut, omission{
			what: "events of the table " + other, count: "SELECT count(*) FROM " + quoteName(other),
		})
	}
	if t.column("aggregate") != nil && t.column("aggregate_id") != nil {
		l.cols[colCategory] = "aggregate"
		return l, l.byTypeAndID(p, "aggregate", "aggregate_id")
	}
	l.cols[colStream], l.categoryOf = "stream", categoryOfName
	v, err := p.first("SELECT 1 FROM " + l.from + " WHERE playhead IS NULL")
	if err == nil && v.kind != kindNull {
		l.cols[colVersion] = "coalesce(playhead, id)"
		l.recognised += "; events without a playhead are numbered by the table's id"
	}
	return l, err
}

// patchlevelEvent returns the columns of an event's type and payload.
func (t *table) patchlevelEvent() [2]string {
	for _, n := range patchlevelNames {
		if t.require(n[0], n[1]) == nil {
			return n
		}
	}
	return [2]string{}
}
