package dialect

import (
	"errors"
	"slices"
	"strings"

	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchDisintegrate binds Disintegrate (Rust, 2 to 4, which its own migrations lead through with the
// same columns), which has no streams. An event carries
// its domain identifiers in separate columns, and a decision queries the events with
// any of them. [source.Options].Context chooses one column: events with the same value
// in it form a stream, whose versions are the event ids. Events without a value there
// are left out.
//
//	event(event_id bigint PK, event_type varchar, payload bytea, inserted_at timestamp UTC, <domain id> text|bigint|uuid …)
func matchDisintegrate(p *postgres.Probe) (*table.Layout, error) {
	t, err := p.Need("event", "event_id", "event_type", "payload", "inserted_at")
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, c := range t.Cols {
		if !slices.Contains([]string{"event_id", "event_type", "payload", "inserted_at", "consumed", "committed"}, c.Name) &&
			slices.Contains([]string{"text", "character varying", "bigint", "uuid"}, c.Type) {
			ids = append(ids, c.Name)
		}
	}
	if len(ids) == 0 {
		return nil, errors.New("table event has no column for a domain identifier")
	}
	chosen, err := p.Opts.Choose(ids)
	if err != nil {
		return nil, err
	}
	if len(chosen) > 1 {
		return nil, &source.ContextError{
			Msg:   "its events are about several things: choose as the context which one is a stream, of " + strings.Join(ids, ", "),
			Known: ids,
		}
	}
	id := postgres.Ref("e", t, chosen[0])
	l := &table.Layout{
		Recognised: p.Found("table event; a stream is what has the same " + chosen[0]),
		From:       p.Name(t) + " AS e",
		Where:      id + " IS NOT NULL",
		Contexts:   ids,
		LeftOut: []table.Omission{{
			One: "event that has no " + chosen[0], What: "events that have no " + chosen[0],
			Count: "SELECT count(*) FROM " + p.Name(t) + " AS e WHERE " + id + " IS NULL",
		}},
	}
	l.Cols = [source.NumFields]string{
		source.Version: "e.event_id", source.Position: "e.event_id", source.Time: "e.inserted_at",
		source.Type: p.Text("e", t, "event_type"), source.Data: "e.payload",
		source.Category: table.QuoteText(strings.TrimSuffix(chosen[0], "_id")) + "::text",
	}
	p.Stream(l, "e", t, chosen[0])
	return l, nil
}
