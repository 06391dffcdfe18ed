package store

import (
	"errors"
	"fmt"
	"strings"
)

// emmettSQLite is the layout of Emmett's SQLite event store (0.41 and later).
//
// Real files have quirks: emt_streams.partition differs from that of the
// messages, so the two are never joined on it; message_schema_version holds the
// stream's version before the append, so it is no revision; created is UTC
// without saying so. Where the messages are of several partitions, each is a
// context.
var emmettSQLite = dialect{name: "emmett-sqlite", match: matchEmmett}

func matchEmmett(p *probe) (*layout, error) {
	t := p.table("emt_messages")
	if t == nil {
		return nil, errors.New("no table emt_messages")
	}
	if err := t.require("stream_id", "stream_position", "message_kind", "message_data",
		"message_metadata", "message_type", "message_id", "is_archived", "global_position",
		"created"); err != nil {
		return nil, err
	}
	l := &layout{
		recognised: "table emt_messages",
		from:       "emt_messages",
		where:      "message_kind = 'E' AND NOT is_archived",
		cols: [numColumns]string{
			colStream: "stream_id", colVersion: "stream_position", colPosition: "global_position",
			colType: "message_type", colID: "message_id", colTime: "created",
			colData: "message_data", colMeta: "message_metadata",
		},
		categoryOf: categoryBeforeDash,
		meta: Metadata{
			Correlation: []string{"/correlationId"},
			Causation:   []string{"/causationId"},
		},
		leftOut: []omission{
			ofStreams("archived messages", "SELECT count(*) FROM emt_messages WHERE is_archived"),
			ofStreams("commands (message_kind C)", "SELECT count(*) FROM emt_messages WHERE message_kind <> 'E' AND NOT is_archived"),
		},
	}
	if s := p.table("emt_streams"); s != nil && s.require("stream_id", "stream_type") == nil {
		l.categoryQuery = "SELECT min(stream_type) FROM emt_streams WHERE stream_id = ?1"
	}
	return l, l.emmettPartitions(p, t)
}

// emmettPartitions makes each partition of the messages a context, where there are
// several: they may have streams of one id.
func (l *layout) emmettPartitions(p *probe, t *table) error {
	if t.column("partition") == nil {
		return nil
	}
	const (
		live  = "SELECT partition FROM emt_messages WHERE NOT is_archived"
		first = "SELECT * FROM (" + live + " ORDER BY global_position LIMIT 1000)"
		last  = "SELECT * FROM (" + live + " ORDER BY global_position DESC LIMIT 1000)"
	)
	partitions, err := p.texts(first + " UNION " + last)
	if err != nil {
		return err
	}
	// No index has the partitions of the messages in order, so to list them is to
	// read them all. Emmett files a stream under another partition than its messages,
	// but the streams of one partition under one.
	filed := value{kind: kindInt}
	if s := p.table("emt_streams"); s != nil && s.column("partition") != nil {
		if filed, err = p.first("SELECT count(DISTINCT partition) FROM emt_streams"); err != nil {
			return err
		}
	}
	if len(partitions) != 1 || filed.num != 1 {
		if partitions, err = p.texts("SELECT DISTINCT partition FROM (" + live + ") ORDER BY 1 LIMIT " + maxContexts); err != nil {
			return err
		}
	}
	return l.partitioned(p, partitions)
}

// partitioned reads the partition that is chosen, or all of them apart.
func (l *layout) partitioned(p *probe, partitions []string) error {
	chosen, err := p.opts.choose(partitions)
	if err != nil {
		return err
	}
	l.contexts = partitions
	switch {
	case len(partitions) < 2:
	case len(chosen) > 1:
		l.inContexts("partition", "stream_id", chosen)
		l.recognised += fmt.Sprintf("; %d partitions, whose streams begin with its name: %s", len(chosen), listed(chosen, 5))
	default:
		l.onlyWhere("partition = " + quoteText(chosen[0]))
		l.leftOut = append(l.leftOut, omission{
			what:  "events of other partitions (" + listed(without(partitions, chosen[0]), 5) + ")",
			count: "SELECT count(*) FROM emt_messages WHERE message_kind = 'E' AND NOT is_archived AND partition <> " + quoteText(chosen[0]),
		})
	}
	return nil
}

// categoryBeforeDash is the convention of stores whose streams are CATEGORY-ID.
func categoryBeforeDash(stream string) string {
	category, _, found := strings.Cut(stream, "-")
	if !found {
		return ""
	}
	return category
}
