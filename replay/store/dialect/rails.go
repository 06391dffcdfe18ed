package dialect

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// railsEventStore is the layout of Rails Event Store (2.0 and later; before, an event had no
// event_id). An event is in every stream it was
// published to or linked into, and none is marked as its own. The dialect uses the first
// one that is not an index of the library ($by_type_…). Other links, and events without
// such a stream, are left out and counted, unless the context is [linkedContext].
//
// Only events that were appended with an expected version have a position in their
// stream. If a stream has events without one, the versions of all its events are their
// append order, from 0, so that one stream is not numbered in two ways.
//
// Payloads and metadata are YAML or JSON, see [rubyYAML].
var railsEventStore = sqlite.Dialect{Name: "rails-event-store", Match: matchRails}

// railsLinks selects the links outside the library's indexes. Name ranges let a database
// index skip those, which are the majority.
const railsLinks = "SELECT id, event_id, stream, position FROM event_store_events_in_streams WHERE stream < '$by_'" +
	" UNION ALL SELECT id, event_id, stream, position FROM event_store_events_in_streams WHERE stream >= '$by`'"

func matchRails(p *sqlite.Probe) (*table.Layout, error) {
	t, links := p.Table("event_store_events"), p.Table("event_store_events_in_streams")
	if t == nil || links == nil {
		return nil, errors.New(source.NoTable + "event_store_events_in_streams")
	}
	if err := t.Require("id", "event_id", "event_type", "metadata", "data", "created_at"); err != nil {
		return nil, err
	}
	if err := links.Require("id", "stream", "position", "event_id"); err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: "tables event_store_events and event_store_events_in_streams",
		From:       "temp.asof_own o JOIN event_store_events e ON e.id = o.position",
		Decoder:    func() table.Decoder { return &railsDecoder{} },
		Meta: source.Metadata{
			Correlation: []string{"/correlation_id"},
			Causation:   []string{"/causation_id"},
		},
		Prepare: func() error { return prepareRails(p) },

		TimesFrom: "event_store_events e",
		TimesKey:  "e.id",

		Clocks: t.Column("valid_at") != nil,
		LeftOut: []table.Omission{
			table.Counted("event", " in no stream of their own (published to none, or their stream was deleted)", "SELECT (SELECT count(*) FROM event_store_events) - (SELECT count(*) FROM temp.asof_own)"),
			table.Counted("link", " of events into other streams, such as $by_type_… (the context linked reads them)", "SELECT (SELECT count(*) FROM event_store_events_in_streams) - (SELECT count(*) FROM temp.asof_own)"),
		},
	}
	linked, err := readsLinked(l, p.Opts)
	if err != nil {
		return nil, err
	}
	if linked {
		railsLinked(l, p)
	} else if err := railsPiecemeal(l, p); err != nil {
		return nil, err
	}
	l.Cols = [source.NumFields]string{
		source.Stream: "o.stream", source.Version: "o.version", source.Position: "o.position",
		source.Type: "e.event_type", source.ID: "e.event_id", source.Time: "e.created_at",
		source.Data: "e.data", source.Meta: "e.metadata",
	}
	if linked {
		l.Cols[source.Position] = ""
	}
	return l, railsClock(l, p)
}

// railsLinked makes the layout read every stream with what is linked into it.
func railsLinked(l *table.Layout, p *sqlite.Probe) {
	l.Recognised += linkedNote
	l.From = "temp.asof_linked o JOIN event_store_events e ON e.id = o.position"
	l.Prepare = func() error {
		return p.Exec(
			"CREATE TEMP TABLE asof_linked(stream TEXT NOT NULL, version INTEGER, position INTEGER NOT NULL)",
			"INSERT INTO temp.asof_linked SELECT l.stream, "+railsPlaces("l.position", "l.stream", "l.id")+", e.id"+
				" FROM event_store_events_in_streams l JOIN event_store_events e ON e.event_id = l.event_id",
			"CREATE INDEX temp.asof_linked_stream ON asof_linked(stream, version)",
		)
	}
	l.LeftOut = []table.Omission{table.Counted("event", " in no stream (published to none, or their stream was deleted)", "SELECT count(*) FROM event_store_events e WHERE NOT EXISTS (SELECT 1 FROM event_store_events_in_streams l WHERE l.event_id = e.event_id)")}
}

func railsClock(l *table.Layout, p *sqlite.Probe) error {
	if !l.Clocks {
		return nil
	}
	if p.Opts.Clock == source.ClockValid {
		l.Cols[source.Time] = "coalesce(e.valid_at, e.created_at)"
		l.Recognised += "; times are when an event is valid"
		return nil
	}
	v, err := p.First("SELECT 1 FROM event_store_events WHERE valid_at IS NOT NULL")
	if err == nil && v.Kind != cell.Null {
		l.Recognised += "; times are when an event was recorded, and some are valid at another, which the clock valid reads"
	}
	return err
}

// prepareRails determines each event's own stream and its version there.
func prepareRails(p *sqlite.Probe) error {
	return p.Exec(
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
		"DELETE FROM temp.asof_first", // DROP fails while another statement reads
		"CREATE UNIQUE INDEX temp.asof_own_stream ON asof_own(stream, version)",
	)
}

// railsOwn returns SQL for the events of all streams with their versions. For one
// stream, it uses the library's indexes.
func railsOwn(version, cond string) string {
	const ours = "(+%[1]s.stream < '$by_' OR +%[1]s.stream >= '$by`')" // the + prevents an index lookup
	first := "NOT EXISTS (SELECT 1 FROM event_store_events_in_streams x WHERE x.event_id = l.event_id AND +x.id < l.id AND " +
		fmt.Sprintf(ours, "x") + ")"
	return "SELECT e.id AS position, l.stream AS stream, " + version + " AS version" +
		" FROM event_store_events_in_streams l JOIN event_store_events e ON e.event_id = l.event_id" +
		" WHERE " + cond + fmt.Sprintf(ours, "l") + " AND " + first
}

// railsPiecemeal reads single streams through the library's own indexes, if all of them
// exist.
func railsPiecemeal(l *table.Layout, p *sqlite.Probe) error {
	for _, sql := range []string{
		"SELECT 1 FROM event_store_events_in_streams WHERE event_id = ?1",
		"SELECT 1 FROM event_store_events_in_streams WHERE stream = ?1 ORDER BY position",
		"SELECT 1 FROM event_store_events WHERE event_id = ?1",
	} {
		if ok, err := p.Seeks(sql); err != nil || !ok {
			return err
		}
	}
	const events = ") o JOIN event_store_events e ON e.id = o.position"
	numbered := "(" + railsOwn("l.position", "") + events
	counted := "(" + railsOwn("row_number() OVER (PARTITION BY l.stream ORDER BY l.id) - 1", "") + events
	l.Piecemeal = &table.Piecemeal{
		Streams: numbered,
		Stream: func(one table.OneValue, stream string) (string, error) {
			unnumbered, err := one(railsOwn("1", "l.stream = ?1 AND l.position IS NULL AND ")+" LIMIT 1", stream)
			if unnumbered.Kind != cell.Null {
				return counted, err
			}
			return numbered, err
		},
	}
	return nil
}

// A railsDecoder decodes payloads and metadata, each JSON or YAML.
type railsDecoder struct {
	names          [2]cell.Interner
	data, metadata rubyYAML
	payloads       cell.PayloadDecoder
}

func (d *railsDecoder) Classify(r *table.Row, e *replay.Event) error {
	v := r.At(source.Type)
	if v.Kind != cell.Text {
		return errors.New("its type is " + v.Describe() + ", not text")
	}
	e.Type = d.names[0].Of(v.B)
	category, _, found := strings.Cut(string(e.Stream), "$")
	if found {
		e.Category = d.names[1].Of([]byte(category))
	}
	return nil
}

func (d *railsDecoder) Decode(r *table.Row, e *replay.Event, skip replay.Fields) error {
	if skip&replay.FieldData == 0 {
		v := r.At(source.Data)
		if text := v.Text(); isYAML(text) {
			e.Data, e.Opaque = d.data.json(text)
		} else {
			e.Data, e.Opaque = d.payloads.Decode(v)
		}
	}
	if skip&replay.FieldMeta == 0 {
		meta := r.At(source.Meta).Text()
		if isYAML(meta) {
			meta, _ = d.metadata.json(meta) // unreadable metadata is omitted: an event has no field for the reason
		}
		if len(meta) > 0 && meta[0] == '{' {
			e.Meta.Raw = meta
		}
	}
	return nil
}

func isYAML(b []byte) bool { return bytes.HasPrefix(b, []byte("---")) }
