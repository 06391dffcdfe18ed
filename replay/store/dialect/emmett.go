package dialect

import (
	"errors"
	"fmt"

	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// emmettSQLite is the layout of Emmett's SQLite event store (0.41 and later).
//
// Real files have quirks. emt_streams.partition differs from the partition of the
// messages, so the two are never joined on it. message_schema_version is the stream's
// version before the append, so it is not a revision. created is UTC without a zone.
// If the messages have several partitions, each is a context.
var emmettSQLite = sqlite.Dialect{Name: "emmett-sqlite", Match: matchEmmett}

func matchEmmett(p *sqlite.Probe) (*table.Layout, error) {
	t := p.Table("emt_messages")
	if t == nil {
		return nil, errors.New("no table emt_messages")
	}
	if err := t.Require("stream_id", "stream_position", "message_kind", "message_data",
		"message_metadata", "message_type", "message_id", "is_archived", "global_position",
		"created"); err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: "table emt_messages",
		From:       "emt_messages",
		Where:      "message_kind = 'E' AND NOT is_archived",
		Cols: [source.NumFields]string{
			source.Stream: "stream_id", source.Version: "stream_position", source.Position: "global_position",
			source.Type: "message_type", source.ID: "message_id", source.Time: "created",
			source.Data: "message_data", source.Meta: "message_metadata",
		},
		CategoryOf: cell.CategoryBeforeDash,
		Meta: source.Metadata{
			Correlation: []string{"/correlationId"},
			Causation:   []string{"/causationId"},
		},
		LeftOut: []table.Omission{
			table.OfStreams("archived message", "archived messages", "SELECT count(*) FROM emt_messages WHERE is_archived"),
			table.OfStreams("command (message_kind C)", "commands (message_kind C)", "SELECT count(*) FROM emt_messages WHERE message_kind <> 'E' AND NOT is_archived"),
		},
	}
	if s := p.Table("emt_streams"); s != nil && s.Require("stream_id", "stream_type") == nil {
		l.CategoryQuery = "SELECT min(stream_type) FROM emt_streams WHERE stream_id = ?1"
	}
	return l, emmettPartitions(l, p, t)
}

// emmettPartitions makes each partition of the messages a context if there are
// several, because they may have streams with the same id.
func emmettPartitions(l *table.Layout, p *sqlite.Probe, t *table.Table) error {
	if t.Column("partition") == nil {
		return nil
	}
	const (
		live  = "SELECT partition FROM emt_messages WHERE NOT is_archived"
		first = "SELECT * FROM (" + live + " ORDER BY global_position LIMIT 1000)"
		last  = "SELECT * FROM (" + live + " ORDER BY global_position DESC LIMIT 1000)"
	)
	partitions, err := p.Texts(first + " UNION " + last)
	if err != nil {
		return err
	}
	// No index orders the messages by partition, so listing their partitions reads all
	// of them. Emmett stores a stream under another partition than its messages, but
	// all streams of one message partition under the same one.
	filed := cell.Value{Kind: cell.Int}
	if s := p.Table("emt_streams"); s != nil && s.Column("partition") != nil {
		if filed, err = p.First("SELECT count(DISTINCT partition) FROM emt_streams"); err != nil {
			return err
		}
	}
	if len(partitions) != 1 || filed.Num != 1 {
		if partitions, err = p.Texts("SELECT DISTINCT partition FROM (" + live + ") ORDER BY 1 LIMIT " + sqlite.MaxContexts); err != nil {
			return err
		}
	}
	return partitioned(l, p, partitions)
}

// partitioned reads the chosen partition, or all of them with their names in the
// stream ids.
func partitioned(l *table.Layout, p *sqlite.Probe, partitions []string) error {
	chosen, err := p.Opts.Choose(partitions)
	if err != nil {
		return err
	}
	l.Contexts = partitions
	switch {
	case len(partitions) < 2:
	case len(chosen) > 1:
		sqliteContexts(l, "partition", "stream_id", chosen)
		l.Recognised += fmt.Sprintf("; %d partitions, whose streams begin with its name: %s", len(chosen), source.Listed(chosen, 5))
	default:
		l.OnlyWhere("partition = " + table.QuoteText(chosen[0]))
		l.LeftOut = append(l.LeftOut, table.Counted("event", " of other partitions ("+source.Listed(source.Without(partitions, chosen[0]), 5)+")", "SELECT count(*) FROM emt_messages WHERE message_kind = 'E' AND NOT is_archived AND partition <> "+table.QuoteText(chosen[0])))
	}
	return nil
}
