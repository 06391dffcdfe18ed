package store

import (
	"errors"
	"strings"
)

// emmettSQLite is the layout of Emmett's SQLite event store (0.41 and later).
//
// Real files have quirks: emt_streams.partition differs from that of the
// messages, so the two are never joined on it; message_schema_version holds the
// stream's version before the append, so it is no revision; created is UTC
// without saying so.
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
			{"archived messages", "SELECT count(*) FROM emt_messages WHERE is_archived"},
			{
				"commands (message_kind C)",
				"SELECT count(*) FROM emt_messages WHERE message_kind <> 'E' AND NOT is_archived",
			},
		},
	}
	if s := p.table("emt_streams"); s != nil && s.require("stream_id", "stream_type") == nil {
		l.categoryQuery = "SELECT min(stream_type) FROM emt_streams WHERE stream_id = ?1"
	}
	return l, nil
}

// categoryBeforeDash is the convention of stores whose streams are CATEGORY-ID.
func categoryBeforeDash(stream string) string {
	category, _, found := strings.Cut(stream, "-")
	if !found {
		return ""
	}
	return category
}
