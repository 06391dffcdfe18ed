package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// matchDisintegrate binds Disintegrate (Rust), which has no streams: an event
// names the things it is about in columns of their own, and a decision asks for
// the events about any of them. So one of these columns is chosen by
// [Options].Context, and what has the same value in it is a stream, whose versions
// are the ids of its events. Those that have none there are left out.
//
//	event(event_id bigint PK, event_type varchar, payload bytea, inserted_at timestamp UTC, <domain id> text|bigint|uuid …)
func matchDisintegrate(p *pgProbe) (*layout, error) {
	t, err := p.need("event", "event_id", "event_type", "payload", "inserted_at")
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, c := range t.cols {
		if !slices.Contains([]string{"event_id", "event_type", "payload", "inserted_at", "consumed", "committed"}, c.name) &&
			slices.Contains([]string{"text", "character varying", "bigint", "uuid"}, c.typ) {
			ids = append(ids, c.name)
		}
	}
	if len(ids) == 0 {
		return nil, errors.New("table event has no column for a domain identifier")
	}
	chosen, err := p.opts.choose(ids)
	if err != nil {
		return nil, err
	}
	if len(chosen) > 1 {
		return nil, fmt.Errorf("its events are about several things: choose which one is a stream with --context %s", strings.Join(ids, ", --context "))
	}
	id := ref("e", t, chosen[0])
	l := &layout{
		recognised: p.found("table event; a stream is what has the same " + chosen[0]),
		from:       p.name(t) + " AS e",
		where:      id + " IS NOT NULL",
		contexts:   ids,
		leftOut:    []omission{{what: "events that have no " + chosen[0], count: "SELECT count(*) FROM " + p.name(t) + " AS e WHERE " + id + " IS NULL"}},
	}
	l.cols = [numColumns]string{
		colVersion: "e.event_id", colPosition: "e.event_id", colTime: "e.inserted_at",
		colType: p.text("e", t, "event_type"), colData: "e.payload",
		colCategory: quoteText(strings.TrimSuffix(chosen[0], "_id")) + "::text",
	}
	p.stream(l, "e", t, chosen[0])
	return l, nil
}
