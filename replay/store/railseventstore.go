package store

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"asof/replay"
)

// railsEventStore is the layout of Rails Event Store. An event is in as many
// streams as it was put or linked into, and none is said to be its own: we take
// the first one that is not an index of the library ($by_type_…). Links and the
// events that are in no stream of their own are left out, and counted.
//
// A place in a stream is kept only for events that were appended with an expected
// version. So that one stream is not numbered in two ways, the number in the order
// of appending, from 0, is the version in a stream that has events without.
//
// Payloads and metadata are YAML or JSON; see [rubyYAML].
var railsEventStore = dialect{name: "rails-event-store", match: matchRails}

// railsLinks reads the links that are not the library's, by ranges of the name so
// that an index passes over those, which are most.
const railsLinks = "SELECT id, event_id, stream, position FROM event_store_events_in_streams WHERE stream < '$by_'" +
	" UNION ALL SELECT id, event_id, stream, position FROM event_store_events_in_streams WHERE stream >= '$by`'"

func matchRails(p *probe) (*layout, error) {
	t, links := p.table("event_store_events"), p.table("event_store_events_in_streams")
	if t == nil || links == nil {
		return nil, errors.New(noTable + "event_store_events_in_streams")
	}
	if err := t.require("id", "event_id", "event_type", "metadata", "data", "created_at"); err != nil {
		return nil, err
	}
	if err := links.require("id", "stream", "position", "event_id"); err != nil {
		return nil, err
	}
	l := &layout{
		recognised: "tables event_store_events and event_store_events_in_streams",
		from:       "temp.asof_own o JOIN event_store_events e ON e.id = o.position",
		decoder:    func() decoder { return &railsDecoder{} },
		meta: Metadata{
			Correlation: []string{"/correlation_id"},
			Causation:   []string{"/causation_id"},
		},
		prepare: prepareRails,

		timesFrom: "event_store_events e",
		timesKey:  "e.id",

		clocks: t.column("valid_at") != nil,
		leftOut: []omission{
			{
				what:  "events in no stream of their own (published to none, or their stream was deleted)",
				count: "SELECT (SELECT count(*) FROM event_store_events) - (SELECT count(*) FROM temp.asof_own)",
			},
			{
				what:  "links of events into other streams, such as $by_type_…",
				count: "SELECT (SELECT count(*) FROM event_store_events_in_streams) - (SELECT count(*) FROM temp.asof_own)",
			},
		},
	}
	if err := l.railsPiecemeal(p); err != nil {
		return nil, err
	}
	l.cols = [numColumns]string{
		colStream: "o.stream", colVersion: "o.version", colPosition: "o.position",
		colType: "e.event_type", colID: "e.event_id", colTime: "e.created_at",
		colData: "e.data", colMeta: "e.metadata",
	}
	return l, l.railsClock(p)
}

func (l *layout) railsClock(p *probe) error {
	if !l.clocks {
		return nil
	}
	if p.opts.Clock == ClockValid {
		l.cols[colTime] = "coalesce(e.valid_at, e.created_at)"
		l.recognised += "; times are when an event is valid"
		return nil
	}
	v, err := p.first("SELECT 1 FROM event_store_events WHERE valid_at IS NOT NULL")
	if err == nil && v.kind != kindNull {
		l.recognised += "; times are when an event was recorded, and some are valid at another: --clock valid"
	}
	return err
}

// prepareRails finds each event's own stream and its number there.
func prepareRails(p *probe) error {
	return p.exec(
		"CREATE TEMP TABLE asof_first AS SELECT event_id, stream, position, min(id) AS link FROM ("+railsLinks+") GROUP BY event_id",
		"CREATE TEMP TABLE asof_own(position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL)",
		"CREATE TEMP TABLE asof_unnumbered(stream TEXT PRIMARY KEY) WITHOUT ROWID",
		"INSERT OR IGNORE INTO temp.asof_unnumbered SELECT stream FROM temp.asof_first WHERE position IS NULL",
		"INSERT INTO temp.asof_own SELECT e.id, f.stream, f.position"+
			" FROM temp.asof_first f JOIN event_store_events e ON e.event_id = f.event_id"+
			" WHERE f.stream NOT IN temp.asof_unnumbered",
		"INSERT INTO temp.asof_own SELECT e.id, f.stream, row_number() OVER (PARTITION BY f.stream ORDER BY f.link) - 1"+
			" FROM temp.asof_first f JOIN event_store_events e ON e.event_id = f.event_id"+
			" WHERE f.stream IN temp.asof_unnumbered",
		"DELETE FROM temp.asof_first", // not DROP, which fails while something else is read
		"CREATE UNIQUE INDEX temp.asof_own_stream ON asof_own(stream, version)",
	)
}

// railsOwn is SQL that yields the events of all streams with their version. Where
// they are asked for by stream, the library's indexes serve it.
func railsOwn(version, cond string) string {
	const ours = "(+%[1]s.stream < '$by_' OR +%[1]s.stream >= '$by`')" // never looked up by it
	first := "NOT EXISTS (SELECT 1 FROM event_store_events_in_streams x WHERE x.event_id = l.event_id AND +x.id < l.id AND " +
		fmt.Sprintf(ours, "x") + ")"
	return "SELECT e.id AS position, l.stream AS stream, " + version + " AS version" +
		" FROM event_store_events_in_streams l JOIN event_store_events e ON e.event_id = l.event_id" +
		" WHERE " + cond + fmt.Sprintf(ours, "l") + " AND " + first
}

// railsPiecemeal lets one stream be read by the library's own indexes, if it has
// them all.
func (l *layout) railsPiecemeal(p *probe) error {
	for _, sql := range []string{
		"SELECT 1 FROM event_store_events_in_streams WHERE event_id = ?1",
		"SELECT 1 FROM event_store_events_in_streams WHERE stream = ?1 ORDER BY position",
		"SELECT 1 FROM event_store_events WHERE event_id = ?1",
	} {
		if ok, err := p.seeks(sql); err != nil || !ok {
			return err
		}
	}
	const events = ") o JOIN event_store_events e ON e.id = o.position"
	numbered := "(" + railsOwn("l.position", "") + events
	counted := "(" + railsOwn("row_number() OVER (PARTITION BY l.stream ORDER BY l.id) - 1", "") + events
	l.piecemeal = &piecemeal{
		streams: numbered,
		stream: func(one oneValue, stream string) (string, error) {
			unnumbered, err := one(railsOwn("1", "l.stream = ?1 AND l.position IS NULL AND ")+" LIMIT 1", stream)
			if unnumbered.kind != kindNull {
				return counted, err
			}
			return numbered, err
		},
	}
	return nil
}

// railsDecoder reads payloads and metadata, row by row as JSON or YAML.
type railsDecoder struct {
	names          [2]interner
	data, metadata rubyYAML
	payloads       payloadDecoder
}

func (d *railsDecoder) classify(r *row, e *replay.Event) error {
	v := r.at(colType)
	if v.kind != kindText {
		return errors.New("its type is " + v.describe() + ", not text")
	}
	e.Type = d.names[0].of(v.b)
	category, _, found := strings.Cut(string(e.Stream), "$")
	if found {
		e.Category = d.names[1].of([]byte(category))
	}
	return nil
}

func (d *railsDecoder) decode(r *row, e *replay.Event, skip replay.Fields) error {
	if skip&replay.FieldData == 0 {
		v := r.at(colData)
		if text := v.text(); isYAML(text) {
			e.Data, e.Opaque = d.data.json(text)
		} else {
			e.Data, e.Opaque = d.payloads.decode(v)
		}
	}
	if skip&replay.FieldMeta == 0 {
		meta := r.at(colMeta).text()
		if isYAML(meta) {
			meta, _ = d.metadata.json(meta) // without, it is not shown: there is no place for why
		}
		if len(meta) > 0 && meta[0] == '{' {
			e.Meta.Raw = meta
		}
	}
	return nil
}

func isYAML(b []byte) bool { return bytes.HasPrefix(b, []byte("---")) }
